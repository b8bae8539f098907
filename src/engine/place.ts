/** Puts a packet that no capture has into an engine: its bytes into the chunk, and the half of a descriptor that a walker would fill. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import type { Engine } from "./instance.ts";

export interface PlacedPacket {
  /** From the IP header on. */
  readonly packet: Uint8Array;
  /** Bytes of the chunk before it. */
  readonly at: number;
  /** Index of the interface on which it arrives, or NO_INTERFACE. */
  readonly input: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** FLAG_* of the descriptor. */
  readonly flags?: number;
}

/** `index`: of the descriptor. The caller sees to it that packet and descriptor have room. */
export function placePacket(engine: Engine, index: number, { packet, at, input, time, flags = 0 }: PlacedPacket): void {
  const address = engine.field(Layout.CHUNK) + at;
  engine.bytes(address, packet.length).set(packet);
  const descriptor = engine.descriptor(index);
  engine.bytes(descriptor, Descriptor.SIZE).fill(0);
  const { memory } = engine;
  memory.setBigUint64(descriptor + Descriptor.TIME, time, true);
  memory.setUint32(descriptor + Descriptor.FRAME, address, true);
  memory.setUint32(descriptor + Descriptor.FRAME_BYTES, packet.length, true);
  memory.setUint32(descriptor + Descriptor.WIRE_BYTES, packet.length, true);
  memory.setUint16(descriptor + Descriptor.IN_INTERFACE, input, true);
  memory.setUint16(descriptor + Descriptor.FLAGS, flags, true);
  memory.setUint16(descriptor + Descriptor.LINK_TYPE, LINKTYPE_RAW, true);
}
