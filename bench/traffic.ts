/** Packets for the engine, written straight into its memory: 64 bytes of IPv4 and TCP each, with valid checksums. */

import * as Descriptor from "../assembly/layout/descriptor.ts";
import * as Layout from "../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../assembly/layout/protocol.ts";
import type { Engine } from "../src/engine/instance.ts";

export const PACKET_BYTES = 64;
const IP_BYTES = 20;
const TCP_BYTES = 20;
/** Payload of each packet, all zeros. */
export const DATA_BYTES = PACKET_BYTES - IP_BYTES - TCP_BYTES;

export const SYN = 0x02;
export const SYN_ACK = 0x12;
export const ACK = 0x10;

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
    writePacket(
      this.#view,
      this.#chunk + this.count * PACKET_BYTES,
      PACKET_BYTES,
      direction,
      flags,
      sequence,
      acknowledged,
    );
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

/** Writes an IPv4 TCP packet of `bytes` bytes with a payload of zeros and valid checksums. */
export function writePacket(
  view: DataView,
  at: number,
  bytes: number,
  { src, dst, srcPort, dstPort }: Direction,
  flags: number,
  sequence: number,
  acknowledged: number,
): void {
  view.setUint32(at, 0x4500_0000 | bytes);
  view.setUint32(at + 4, 0x0000_4000);
  view.setUint32(at + 8, 0x4006_0000);
  view.setUint32(at + 12, src);
  view.setUint32(at + 16, dst);
  view.setUint16(at + 10, checksum(view, at, IP_BYTES, 0));
  const tcp = at + IP_BYTES;
  view.setUint16(tcp, srcPort);
  view.setUint16(tcp + 2, dstPort);
  view.setUint32(tcp + 4, sequence);
  view.setUint32(tcp + 8, acknowledged);
  view.setUint32(tcp + 12, 0x5000_ffff | (flags << 16));
  view.setUint32(tcp + 16, 0);
  for (let i = TCP_BYTES; i < bytes - IP_BYTES; i += 4) view.setUint32(tcp + i, 0);
  const length = bytes - IP_BYTES;
  const pseudo = (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + 6 + length;
  view.setUint16(tcp + 16, checksum(view, tcp, length, pseudo));
}

function checksum(view: DataView, at: number, bytes: number, start: number): number {
  let sum = start;
  for (let i = 0; i < bytes; i += 2) sum += view.getUint16(at + i);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
}
