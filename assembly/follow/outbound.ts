/** Looks ahead in the captures for what the real node did: its outbound frames, and what its processes sent. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Verdict from "../layout/verdict";
import { engine } from "../memory/engine";
import { packetAt, readDescriptor } from "../packet";
import { parsePacket } from "../wire/parse";
import { rememberMtu } from "./mtu";
import { rememberOutbound } from "./ring";
import { rememberSocket } from "./sockets";

/** Frames that the node has made or sent on. */
const SHOWING: u32 = Descriptor.FLAG_OUTBOUND | Descriptor.FLAG_FROM_HOST;
/** Frames whose link layer says that they do not hold a packet. */
const UNREADABLE: u32 = Descriptor.FLAG_NOT_IP | Descriptor.FLAG_LINK_ERROR;

/** Remembers what the frames of `count` descriptors from `first` on show; of fragments the first one is enough. */
export function indexOutbound(first: u32, count: u32): void {
  assert(first + count <= load<u32>(engine, Engine.DESCRIPTORS_MAX), "the batch leaves the descriptors");
  const packet = packetAt(0);
  for (let i: u32 = 0; i < count; i++) {
    const descriptor: usize = load<u32>(engine, Engine.DESCRIPTORS) + (<usize>(first + i) << Descriptor.SIZE_LOG2);
    const flags: u32 = load<u16>(descriptor, Descriptor.FLAGS);
    if ((flags & SHOWING) == 0 || (flags & UNREADABLE) != 0) continue;
    readDescriptor(packet, descriptor);
    if (parsePacket(packet) != Verdict.REASON_NONE || packet.fragmentOffset != 0) continue;
    if ((flags & Descriptor.FLAG_FROM_HOST) != 0) {
      rememberSocket(packet);
    } else {
      rememberOutbound(packet);
      rememberMtu(packet);
    }
  }
}
