/** Packets for the engine, written straight into its memory: 64 bytes of IPv4 and TCP each, with valid checksums. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import type { Engine } from "../engine/instance.ts";
import { makePacket } from "../traffic/packet.ts";
import { ACK, SYN, tcpSegment } from "../traffic/transport.ts";
import { dotted } from "./cluster.ts";

export const PACKET_BYTES = 64;
const IP_BYTES = 20;
const TCP_BYTES = 20;
/** Payload of each packet, all zeros. */
export const DATA_BYTES = PACKET_BYTES - IP_BYTES - TCP_BYTES;

export { ACK, SYN };
export const SYN_ACK = SYN | ACK;

/** Packets that are described and processed at a time, as a replay does: their descriptors stay in the cache. */
export const SLICE = 4096;

/** One direction of a connection: addresses and ports in host order. */
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
  count = 0;

  constructor(engine: Engine, time: bigint) {
    this.#engine = engine;
    this.#view = engine.memory;
    this.#chunk = engine.field(Layout.CHUNK);
    this.#time = time;
  }

  add(direction: Direction, flags: number, sequence: number, acknowledged: number): void {
    const packet = tcpPacket(PACKET_BYTES, direction, flags, sequence, acknowledged);
    this.#engine.bytes(this.#chunk + this.count * PACKET_BYTES, PACKET_BYTES).set(packet);
    this.count++;
  }

  /** Has the engine process all packets. Returns the nanoseconds that the engine itself took. */
  process(): number {
    let nanoseconds = 0n;
    for (let first = 0; first < this.count; first += SLICE) {
      const size = Math.min(SLICE, this.count - first);
      for (let i = 0; i < size; i++) this.#describe(i, this.#chunk + (first + i) * PACKET_BYTES);
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
    this.#view.setUint32(descriptor + Descriptor.FRAME_BYTES, PACKET_BYTES, true);
    this.#view.setUint32(descriptor + Descriptor.WIRE_BYTES, PACKET_BYTES, true);
    this.#view.setUint32(descriptor + Descriptor.CAPTURE_INTERFACE, Descriptor.NO_INTERFACE << 16, true);
    this.#view.setUint32(descriptor + Descriptor.LINK_BYTES, 0, true);
    this.#view.setUint32(descriptor + Descriptor.LINK_TYPE, LINKTYPE_RAW, true);
  }
}

/** An IPv4 TCP packet of `bytes` bytes with a payload of zeros. */
export function tcpPacket(
  bytes: number,
  { src, dst, srcPort, dstPort }: Direction,
  flags: number,
  sequence: number,
  acknowledged: number,
): Uint8Array {
  const ends = { src: dotted(src), dst: dotted(dst), sport: srcPort, dport: dstPort };
  const segment = tcpSegment({ flags, seq: sequence, ack: acknowledged }, new Uint8Array(bytes - IP_BYTES - TCP_BYTES));
  return makePacket(ends, segment, 0);
}
