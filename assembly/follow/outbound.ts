/** Looks ahead in the captures for what the real node did: its outbound frames, and what its processes sent. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Verdict from "../layout/verdict";
import { enterAh, isBehindAh } from "../conntrack/extensions";
import { engine } from "../memory/engine";
import { Packet, packetAt, readDescriptor } from "../packet";
import { findTransport6, parsePacket } from "../wire/parse";
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
    if (!isReadable(packet) || packet.fragmentOffset != 0) continue;
    if (isBehindAh(packet)) enterAh(packet);
    if ((flags & Descriptor.FLAG_FROM_HOST) != 0) {
      rememberSocket(packet);
    } else {
      rememberOutbound(packet);
      rememberMtu(packet);
    }
  }
}

/** A packet may leave with hop-by-hop options that none may arrive with: reassembly has brought them to the front. */
function isReadable(packet: Packet): bool {
  const reason = parsePacket(packet);
  if (reason == Verdict.REASON_IP6_EXTENSION) findTransport6(packet);
  return reason == Verdict.REASON_NONE || reason == Verdict.REASON_IP6_EXTENSION;
}
