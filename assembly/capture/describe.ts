/** The descriptors that the walker fills, and the interface table that the host has filled. */

import * as Capture from "../layout/capture";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { clearLines } from "../memory/words";
import { linkOf, linkBytes, linkFlags } from "./link";

/** There is a descriptor left. */
export function hasRoom(): bool {
  return load<u32>(engine, Engine.WALK_COUNT) < load<u32>(engine, Engine.WALK_LIMIT);
}

/** The entry of an interface of the section at hand. */
export function interfaceAt(index: u32): usize {
  const first = load<u32>(engine, Engine.CAPTURE_INTERFACE_FIRST);
  return load<u32>(engine, Engine.CAPTURE_INTERFACES) + ((first + index) << Capture.INTERFACE_SIZE_LOG2);
}

/** Fills the next descriptor: its first half from the record, its second half with zeros. */
export function describe(time: u64, frame: usize, frameBytes: u32, wireBytes: u32, index: u32, flags: u32): void {
  const used = load<u32>(engine, Engine.WALK_COUNT);
  const place = load<u32>(engine, Engine.WALK_FIRST) + used;
  assert(place < load<u32>(engine, Engine.DESCRIPTORS_MAX), "the walk leaves the descriptors");
  const descriptor = load<u32>(engine, Engine.DESCRIPTORS) + (place << Descriptor.SIZE_LOG2);
  const entry = interfaceAt(index);
  const linkType: u32 = load<u16>(entry, Capture.INTERFACE_LINK_TYPE);
  const link = linkOf(linkType, frame, frameBytes);
  flags |= linkFlags(link);
  if (frameBytes < wireBytes) flags |= Descriptor.FLAG_TRUNCATED;
  if (load<u16>(entry, Capture.INTERFACE_FLAGS) & Capture.CAPTURE_INTERFACE_FROM_HOST) flags |= Descriptor.FLAG_FROM_HOST;
  clearLines(descriptor, Descriptor.SIZE);
  store<u64>(descriptor, time, Descriptor.TIME);
  store<u32>(descriptor, <u32>frame, Descriptor.FRAME);
  store<u32>(descriptor, frameBytes, Descriptor.FRAME_BYTES);
  store<u32>(descriptor, wireBytes, Descriptor.WIRE_BYTES);
  store<u16>(descriptor, <u16>(load<u32>(engine, Engine.CAPTURE_INTERFACE_FIRST) + index), Descriptor.CAPTURE_INTERFACE);
  store<u16>(descriptor, load<u16>(entry, Capture.INTERFACE_NODE), Descriptor.IN_INTERFACE);
  store<u16>(descriptor, <u16>linkBytes(link), Descriptor.LINK_BYTES);
  store<u16>(descriptor, <u16>flags, Descriptor.FLAGS);
  store<u16>(descriptor, <u16>linkType, Descriptor.LINK_TYPE);
  store<u32>(engine, used + 1, Engine.WALK_COUNT);
}

/** Says why the walk ends here. */
export function stopWalk(reason: u32, at: usize): usize {
  store<u32>(engine, reason, Engine.WALK_STOP);
  return at;
}
