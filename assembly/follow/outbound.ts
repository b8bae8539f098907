/** Looks ahead in the capture for what the real node did: its outbound frames, which the engine is not fed. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Verdict from "../layout/verdict";
import { engine } from "../memory/engine";
import { packetAt, readDescriptor } from "../packet";
import { parsePacket } from "../wire/parse";
import { rememberOutbound } from "./ring";

/** Frames whose link layer says that they do not hold a packet. */
const UNREADABLE: u32 = Descriptor.FLAG_NOT_IP | Descriptor.FLAG_LINK_ERROR;

/** Remembers the outbound frames among `count` descriptors from `first` on; of fragments the first one is enough. */
export function indexOutbound(first: u32, count: u32): void {
  assert(first + count <= load<u32>(engine, Engine.DESCRIPTORS_MAX), "the batch leaves the descriptors");
  const packet = packetAt(0);
  for (let i: u32 = 0; i < count; i++) {
    const descriptor: usize = load<u32>(engine, Engine.DESCRIPTORS) + (<usize>(first + i) << Descriptor.SIZE_LOG2);
    const flags: u32 = load<u16>(descriptor, Descriptor.FLAGS);
    if ((flags & (Descriptor.FLAG_OUTBOUND | UNREADABLE)) != Descriptor.FLAG_OUTBOUND) continue;
    readDescriptor(packet, descriptor);
    if (parsePacket(packet) == Verdict.REASON_NONE && packet.fragmentOffset == 0) rememberOutbound(packet);
  }
}
