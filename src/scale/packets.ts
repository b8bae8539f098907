/** Packets for the engine, written straight into its memory: IP and TCP with 24 bytes of data each, and valid checksums. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import type { IpFamily } from "../cluster/types.ts";
import type { Engine } from "../engine/instance.ts";
import { makePacket } from "../traffic/packet.ts";
import { ACK, SYN, tcpSegment } from "../traffic/transport.ts";
import { addressText } from "./cluster.ts";

const IP_BYTES: Readonly<Record<IpFamily, number>> = { IPv4: 20, IPv6: 40 };
const TCP_BYTES = 20;
/** Payload of each packet, all zeros. */
export const DATA_BYTES = 24;
/** Bytes of an IPv4 packet. */
export const PACKET_BYTES = packetBytesOf("IPv4");

export function packetBytesOf(family: IpFamily): number {
  return IP_BYTES[family] + TCP_BYTES + DATA_BYTES;
}

export { ACK, SYN };
export const SYN_ACK = SYN | ACK;

/** Packets that are described and processed at a time, as a replay does: their descriptors stay in the cache. */
export const SLICE = 4096;

/** One direction of a connection: the last four bytes of addresses, and ports, in host order. */
export interface Direction {
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

export function reverse({ src, dst, srcPort, dstPort }: Direction): Direction {
  return { src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}

/** Writes packets into the engine's chunk one after the other, and describes them to it a slice at a time. */
export class PacketWriter {
  readonly #engine: Engine;
  readonly #view: DataView;
  readonly #chunk: number;
  readonly #time: bigint;
  readonly #family: IpFamily;
  readonly #packetBytes: number;
  count = 0;

  constructor(engine: Engine, time: bigint, family: IpFamily = "IPv4") {
    this.#engine = engine;
    this.#view = engine.memory;
    this.#chunk = engine.field(Layout.CHUNK);
    this.#time = time;
    this.#family = family;
    this.#packetBytes = packetBytesOf(family);
  }

  add(direction: Direction, flags: number, sequence: number, acknowledged: number): void {
    const bytes = this.#packetBytes;
    const packet = tcpPacket(bytes, direction, flags, sequence, acknowledged, this.#family);
    this.#engine.bytes(this.#chunk + this.count * bytes, bytes).set(packet);
    this.count++;
  }

  /** Has the engine process all packets. Returns the nanoseconds that the engine itself took. */
  process(): number {
    let nanoseconds = 0n;
    for (let first = 0; first < this.count; first += SLICE) {
      const size = Math.min(SLICE, this.count - first);
      for (let i = 0; i < size; i++) this.#describe(i, this.#chunk + (first + i) * this.#packetBytes);
      const start = process.hrtime.bigint();
      const done = this.#engine.exports.process(0, size);
      nanoseconds += process.hrtime.bigint() - start;
      if (done !== size) throw new Error(`the engine stopped after ${done} of ${size} packets`);
    }
    return Number(nanoseconds);
  }

  #describe(index: number, packet: number): void {
    const descriptor = this.#engine.descriptor(index);
    this.#view.setBigUint64(descriptor + Descriptor.TIME, this.#time, true);
    this.#view.setUint32(descriptor + Descriptor.FRAME, packet, true);
    this.#view.setUint32(descriptor + Descriptor.FRAME_BYTES, this.#packetBytes, true);
    this.#view.setUint32(descriptor + Descriptor.WIRE_BYTES, this.#packetBytes, true);
    this.#view.setUint32(descriptor + Descriptor.CAPTURE_INTERFACE, Descriptor.NO_INTERFACE << 16, true);
    this.#view.setUint32(descriptor + Descriptor.LINK_BYTES, 0, true);
    this.#view.setUint32(descriptor + Descriptor.LINK_TYPE, LINKTYPE_RAW, true);
  }
}

/** A TCP packet of `bytes` bytes with a payload of zeros. */
export function tcpPacket(
  bytes: number,
  { src, dst, srcPort, dstPort }: Direction,
  flags: number,
  sequence: number,
  acknowledged: number,
  family: IpFamily = "IPv4",
): Uint8Array {
  const ends = { src: addressText(src, family), dst: addressText(dst, family), sport: srcPort, dport: dstPort };
  const data = new Uint8Array(bytes - IP_BYTES[family] - TCP_BYTES);
  const segment = tcpSegment({ flags, seq: sequence, ack: acknowledged }, data);
  return makePacket(ends, segment, 0);
}
