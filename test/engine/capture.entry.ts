/** What the capture tests call: the walker, and packets emitted as they were walked. */

import { emitPacket } from "../../assembly/capture/emit";
import * as Capture from "../../assembly/layout/capture";
import * as Descriptor from "../../assembly/layout/descriptor";
import * as Engine from "../../assembly/layout/engine";
import { carve } from "../../assembly/memory/arena";
import { engine } from "../../assembly/memory/engine";
import { packetAt, resetPacket } from "../../assembly/packet";

export { walk } from "../../assembly/capture/walk";

export function engineAddress(): usize {
  return engine;
}

/** Carves what the capture code uses. */
export function init(): bool {
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.CHUNK_BYTES)), Engine.CHUNK);
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.DESCRIPTORS_MAX) << Descriptor.SIZE_LOG2), Engine.DESCRIPTORS);
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.OUTPUT_BYTES)), Engine.OUTPUT);
  store<u32>(engine, <u32>carve(Capture.INTERFACES_MAX * Capture.INTERFACE_SIZE), Engine.CAPTURE_INTERFACES);
  return load<u32>(engine, Engine.CAPTURE_INTERFACES) != 0;
}

/** Emits everything behind a link header, untouched, on the interface that it came in on. */
export function emitAll(first: u32, count: u32, origin: u32): void {
  const packet = packetAt(0);
  for (let index: u32 = first; index < first + count; index++) {
    const descriptor: usize = load<u32>(engine, Engine.DESCRIPTORS) + (index << Descriptor.SIZE_LOG2);
    resetPacket(packet);
    packet.frame = load<u32>(descriptor, Descriptor.FRAME);
    packet.linkBytes = load<u16>(descriptor, Descriptor.LINK_BYTES);
    packet.linkType = load<u16>(descriptor, Descriptor.LINK_TYPE);
    packet.address = packet.frame + packet.linkBytes;
    packet.bytes = load<u32>(descriptor, Descriptor.FRAME_BYTES) - packet.linkBytes;
    packet.time = load<u64>(descriptor, Descriptor.TIME);
    packet.inInterface = load<u16>(descriptor, Descriptor.IN_INTERFACE);
    packet.origin = origin;
    emitPacket(packet);
  }
}
