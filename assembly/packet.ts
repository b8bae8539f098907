/**
 * The packet at hand: what the hooks know of it while it passes. The bytes themselves stay where they are; this is the
 * engine's sk_buff. There are PACKETS_MAX of them in static memory, because a packet can cause answers that pass the
 * hooks in their turn; the batch loop owns the first.
 */

import * as Descriptor from "./layout/descriptor";
import * as State from "./layout/state";
import * as Verdict from "./layout/verdict";

@final @unmanaged
export class Packet {
  /** Address of the IP header's first byte, and the packet's length: the IP header's word for it, padding cut. */
  address: usize;
  bytes: u32;
  /** 4 or 6. */
  family: u32;
  /** Transport protocol, behind IPv6 extension headers, and where its header starts, counted from `address`. */
  protocol: u32;
  transport: u32;
  /** Offset of a fragment in bytes; more fragments follow. Both zero: whole. Without a transport header if not zero. */
  fragmentOffset: u32;
  moreFragments: u32;
  /** IPv6: offset of the fragment header, of the next-header field that names it; 0: none. */
  fragmentHeader: u32;
  /** Where it is described, before anything was found out about it. */
  descriptor: usize;
  /** The captured frame: its first byte, and the bytes of its link header, of LINKTYPE_* `linkType`. */
  frame: usize;
  linkBytes: u32;
  linkType: u32;
  /** Index of the capture's interface on which it was taken. */
  captureInterface: u32;
  /** Bytes of the frame that are there, and that there were. */
  frameBytes: u32;
  wireBytes: u32;
  /** FLAG_* of the descriptor. */
  flags: u32;
  /** Nanoseconds since 1970. */
  time: u64;
  /** Indices of the program's interfaces, or Descriptor.NO_INTERFACE. */
  inInterface: u32;
  outInterface: u32;
  mark: u32;
  /** Where its connection is looked for, see conntrack/zones.ts; 0: where most are. */
  zone: u32;
  /** CT_* and, if tracked, the connection's record and the packet's direction in it. */
  ct: u32;
  direction: u32;
  connection: usize;
  /** Address of the route in the program, once there is one; the adjacency's address likewise. */
  route: usize;
  adjacency: usize;
  /** The hook it is in: HOOK_* of layout/program.ts. */
  hook: u32;
  verdict: u32;
  reason: u32;
  /** Offset in the program of the instruction that decided. */
  rule: u32;
  /** ORIGIN: 0 from the wire, 1 from the node's processes (--from-host), 2 made by the engine. */
  origin: u32;
  /** Its checksum is left to the network card, as sockets do (CHECKSUM_PARTIAL); here it is right all the same. */
  hasOpenChecksum: bool;
  /** Bytes of the largest fragment that it was put together from; 0: it came whole. See fragment/. */
  fragmentBytesMax: u32;
  /** What fragment/ needs to take it apart again; 0: it came whole. */
  fragments: usize;
  /** The outbound frame that --follow found for it (address of a follow entry); 0: none. */
  follow: usize;
  /** That frame shows a choice that the rules do not allow. */
  hasRefusedChoice: bool;
}

export const ORIGIN_WIRE: u32 = 0;
export const ORIGIN_NODE: u32 = 1;
export const ORIGIN_ENGINE: u32 = 2;

/** How deep answers to answers may go: the packet, what the node says to it, what the node says to itself. */
export const PACKETS_MAX: u32 = 4;

const packets: usize = memory.data(offsetof<Packet>() * 4, 64);

/** The packet at a depth of answers: 0 is the batch loop's own. */
export function packetAt(depth: u32): Packet {
  assert(depth < PACKETS_MAX, "answers are too deep");
  return changetype<Packet>(packets + <usize>depth * offsetof<Packet>());
}

/** The depth of answers that a packet is at. */
export function depthOf(packet: Packet): u32 {
  return <u32>((changetype<usize>(packet) - packets) / offsetof<Packet>());
}

/** Clears everything that the hooks fill in; the caller sets address, bytes, frame, link and interface itself. */
export function resetPacket(packet: Packet): void {
  packet.fragmentOffset = 0;
  packet.moreFragments = 0;
  packet.fragmentHeader = 0;
  packet.outInterface = Descriptor.NO_INTERFACE;
  packet.mark = 0;
  packet.zone = 0;
  packet.ct = State.CT_NONE;
  packet.direction = State.DIRECTION_ORIGINAL;
  packet.connection = 0;
  packet.route = 0;
  packet.adjacency = 0;
  packet.hook = 0;
  packet.verdict = Verdict.VERDICT_NONE;
  packet.reason = Verdict.REASON_NONE;
  packet.rule = 0;
  packet.origin = ORIGIN_WIRE;
  packet.hasOpenChecksum = false;
  packet.fragmentBytesMax = 0;
  packet.fragments = 0;
  packet.follow = 0;
  packet.hasRefusedChoice = false;
}

/** Ends a packet's way: the verdict and its reason are what the report counts. */
export function finish(packet: Packet, verdict: u32, reason: u32): void {
  packet.verdict = verdict;
  packet.reason = reason;
}

/** Makes a packet of a descriptor: what the capture knows of it. The IP header has not been looked at. */
export function readDescriptor(packet: Packet, descriptor: usize): void {
  resetPacket(packet);
  const linkBytes: u32 = load<u16>(descriptor, Descriptor.LINK_BYTES);
  packet.descriptor = descriptor;
  packet.frame = load<u32>(descriptor, Descriptor.FRAME);
  packet.linkBytes = linkBytes;
  packet.linkType = load<u16>(descriptor, Descriptor.LINK_TYPE);
  packet.address = packet.frame + linkBytes;
  packet.captureInterface = load<u16>(descriptor, Descriptor.CAPTURE_INTERFACE);
  packet.frameBytes = load<u32>(descriptor, Descriptor.FRAME_BYTES);
  packet.wireBytes = load<u32>(descriptor, Descriptor.WIRE_BYTES);
  packet.bytes = packet.frameBytes - linkBytes;
  packet.flags = load<u16>(descriptor, Descriptor.FLAGS);
  packet.time = load<u64>(descriptor, Descriptor.TIME);
  packet.inInterface = load<u16>(descriptor, Descriptor.IN_INTERFACE);
}
