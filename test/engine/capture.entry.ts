/** What the capture tests call: the walker, and packets emitted as they were walked. */

import { emitPacket } from "../../assembly/capture/emit";
import * as Capture from "../../assembly/layout/capture";
import * as Descriptor from "../../assembly/layout/descriptor";
import * as Engine from "../../assembly/layout/engine";
import { carve } from "../../assembly/memory/arena";
import { engine } from "../../assembly/memory/engine";
import { Packet, packetAt, readDescriptor } from "../../assembly/packet";

export { walk } from "../../assembly/capture/walk";

export function engineAddress(): usize {
  return engine;
}

/** Memory for a test's own structures. */
export function buffer(bytes: u32): usize {
  return carve(bytes);
}

/** Carves what the capture code uses. */
export function init(): bool {
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.CHUNK_BYTES)), Engine.CHUNK);
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.DESCRIPTORS_MAX) << Descriptor.SIZE_LOG2), Engine.DESCRIPTORS);
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.OUTPUT_BYTES)), Engine.OUTPUT);
  store<u32>(engine, 0, Engine.PROGRAM);
  store<u32>(engine, <u32>carve(Capture.INTERFACES_MAX * Capture.INTERFACE_SIZE), Engine.CAPTURE_INTERFACES);
  return load<u32>(engine, Engine.CAPTURE_INTERFACES) != 0;
}

/** Emits everything behind a link header, untouched, on the interface that it came in on. */
export function emitAll(first: u32, count: u32, origin: u32): void {
  for (let index: u32 = first; index < first + count; index++) emitPacket(packetOf(index, origin));
}

/** Emits one packet by way of an adjacency (0: none) on an interface of the program at `program`. */
export function emitOn(index: u32, origin: u32, program: u32, outInterface: u32, adjacency: usize): void {
  store<u32>(engine, program, Engine.PROGRAM);
  const packet = packetOf(index, origin);
  packet.outInterface = outInterface;
  packet.adjacency = adjacency;
  emitPacket(packet);
}

function packetOf(index: u32, origin: u32): Packet {
  const packet = packetAt(0);
  const descriptor: usize = load<u32>(engine, Engine.DESCRIPTORS) + (index << Descriptor.SIZE_LOG2);
  readDescriptor(packet, descriptor);
  packet.family = packet.bytes == 0 ? 4 : load<u8>(packet.address) >> 4;
  packet.origin = origin;
  return packet;
}
