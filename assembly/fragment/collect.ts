/**
 * Collects fragments until a datagram is whole, as conntrack does before it looks at a packet
 * (net/ipv4/ip_fragment.c, net/ipv6/netfilter/nf_conntrack_reasm.c).
 */

import { NO_TRANSPORT, skipExtensions } from "../conntrack/extensions";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header, extensionBytes, isLinkLocal6 } from "../wire/ip6";
import { blocksFor, holdFragment } from "./held";
import { DUPLICATE, FITS, insertFragment, placeFor } from "./insert";
import { hasBlocks } from "./pool";
import { FragmentKey, FragmentQueue, QUEUE_BLOCKS, clearedKey, countFragment, createQueue } from "./queue";
import { findQueue, initQueues, removeQueue } from "./queue";
import { initReassembly, reassemble } from "./reassemble";

/** RFC 8200 4.5: no fragment ends beyond this. */
const IP6_PAYLOAD_MAX: u32 = 65535;

/** Carves the memory for fragments. False: there is not so much. */
export function initFragments(): bool {
  return initQueues() && initReassembly();
}

/**
 * Call it when expired queues have been taken. REASON_NONE: the packet is whole. It was before, or its last fragment has
 * come: then `packet` describes the reassembled datagram. Else the packet's way ends here: REASON_FRAGMENT_HELD if it
 * waits, or why it is dropped.
 */
export function collectFragment(packet: Packet): u32 {
  if ((packet.fragmentOffset | packet.moreFragments | packet.fragmentHeader) == 0) return Verdict.REASON_NONE;
  if (packet.family == 6 && passesAlone(packet)) return Verdict.REASON_NONE;
  const payload = packet.family == 4 ? packet.transport : packet.fragmentHeader + Wire.FRAGMENT6_SIZE;
  const end = packet.fragmentOffset + packet.bytes - payload;
  if (packet.family == 6 && end > IP6_PAYLOAD_MAX) return isByStack(packet) ? Verdict.REASON_NONE : Verdict.REASON_FRAGMENT_INVALID;
  const key = packet.family == 4 ? keyOf4(packet) : keyOf6(packet);
  const known = findQueue(key);
  if (!hasBlocks(blocksFor(packet.bytes) + QUEUE_BLOCKS)) return Verdict.REASON_FRAGMENT_LIMIT;
  const queue = known != 0 ? changetype<FragmentQueue>(known) : createQueue(key);
  return packet.family == 4 ? enqueue4(packet, queue, payload, end) : enqueue6(packet, queue, payload, end);
}

/** IPv4 cuts an odd end off a fragment that is not the last; all that contradicts the queue ends the queue. */
function enqueue4(packet: Packet, queue: FragmentQueue, payload: u32, end: u32): u32 {
  countFragment(queue);
  if (packet.moreFragments) end &= ~7;
  if (!isEndPossible(queue, packet.moreFragments, end) || end == packet.fragmentOffset) {
    removeQueue(queue);
    return Verdict.REASON_FRAGMENT_INVALID;
  }
  const header = changetype<Ip4Header>(packet.address);
  const pieceBytes = payload + end - packet.fragmentOffset;
  const reason = insert(packet, queue, payload, end, pieceBytes, header.tos);
  if (reason != Verdict.REASON_NONE) return reason;
  if (header.fragment & Wire.IP4_DONT_FRAGMENT) queue.dontFragmentBytesMax = max(queue.dontFragmentBytesMax, pieceBytes);
  return finishIfWhole(packet, queue);
}

/**
 * A fragment with an odd end in the middle goes on alone, and hooks forget the queue then; other contradictions cost only
 * the fragment there, and the queue where IPv6's stack collects (nf_ct_frag6_queue, ip6_frag_queue).
 */
function enqueue6(packet: Packet, queue: FragmentQueue, payload: u32, end: u32): u32 {
  if (packet.moreFragments && end & 7) {
    if (!isByStack(packet)) removeQueue(queue);
    return Verdict.REASON_NONE;
  }
  if (!isEndPossible(queue, packet.moreFragments, end) || end == packet.fragmentOffset) {
    if (isByStack(packet)) removeQueue(queue);
    return Verdict.REASON_FRAGMENT_INVALID;
  }
  const trafficClass = changetype<Ip6Header>(packet.address).trafficClass;
  const reason = insert(packet, queue, payload, end, packet.bytes, trafficClass);
  if (reason != Verdict.REASON_NONE) return reason;
  if (packet.fragmentOffset == 0) queue.nameField = nameFieldOf(packet);
  return finishIfWhole(packet, queue);
}

/** The node's own stack collects, behind INPUT, what no hook has collected before. */
function isByStack(packet: Packet): bool {
  return packet.hook == Program.HOOK_INPUT;
}

/** Does not contradict the ends seen so far. Notes a new end, also of a fragment that proves useless afterwards. */
function isEndPossible(queue: FragmentQueue, moreFragments: u32, end: u32): bool {
  if (!moreFragments) {
    if (end < queue.bytes || (queue.hasLast && end != queue.bytes)) return false;
    queue.hasLast = true;
    queue.bytes = end;
  } else if (end > queue.bytes) {
    if (queue.hasLast) return false;
    queue.bytes = end;
  }
  return true;
}

function insert(packet: Packet, queue: FragmentQueue, payload: u32, end: u32, pieceBytes: u32, trafficClass: u32): u32 {
  const place = placeFor(queue, packet.fragmentOffset, end);
  if (place == DUPLICATE) return Verdict.REASON_FRAGMENT_DUPLICATE;
  if (place != FITS) {
    removeQueue(queue);
    return Verdict.REASON_FRAGMENT_OVERLAP;
  }
  insertFragment(queue, holdFragment(packet, payload, packet.fragmentOffset, end));
  if (packet.fragmentOffset == 0) noteFirst(packet, queue);
  else if (queue.headerBytesMin == 0 || payload < queue.headerBytesMin) queue.headerBytesMin = payload;
  queue.ecnSeen |= 1 << (trafficClass & 3);
  queue.packetBytesMax = max(queue.packetBytesMax, pieceBytes);
  return Verdict.REASON_NONE;
}

function noteFirst(packet: Packet, queue: FragmentQueue): void {
  queue.hasFirst = true;
  queue.inInterface = packet.inInterface;
}

function finishIfWhole(packet: Packet, queue: FragmentQueue): u32 {
  if (!queue.hasFirst || !queue.hasLast || queue.heldBytes != queue.bytes) return Verdict.REASON_FRAGMENT_HELD;
  const reason = reassemble(packet, queue);
  removeQueue(queue);
  return reason;
}

function keyOf4(packet: Packet): FragmentKey {
  const key = clearedKey();
  const header = changetype<Ip4Header>(packet.address);
  key.family = 4;
  key.protocol = header.protocol;
  key.id = header.id;
  key.origin = packet.origin;
  key.src0 = header.src;
  key.dst0 = header.dst;
  return key;
}

function keyOf6(packet: Packet): FragmentKey {
  const key = clearedKey();
  const header = changetype<Ip6Header>(packet.address);
  key.family = 6;
  key.id = load<u32>(packet.address + packet.fragmentHeader, Wire.FRAGMENT6_ID);
  key.origin = packet.origin;
  if (isLocalScope(header.dst)) key.interfaceIndex = packet.inInterface;
  key.src0 = load<u64>(header.src);
  key.src1 = load<u64>(header.src, 8);
  key.dst0 = load<u64>(header.dst);
  key.dst1 = load<u64>(header.dst, 8);
  return key;
}

/** Multicast (ff00::/8) or link-local: the same address can be somebody else's on another link. */
function isLocalScope(address: usize): bool {
  return load<u8>(address) == 0xff || isLinkLocal6(address);
}

/** Offset of the next-header field that names the fragment header. */
function nameFieldOf(packet: Packet): u32 {
  let field = Wire.IP6_NEXT_HEADER;
  let at = Wire.IP6_SIZE;
  while (at < packet.fragmentHeader) {
    const protocol: u32 = load<u8>(packet.address + field);
    field = at;
    at += extensionBytes(protocol, packet.address + at);
  }
  return field;
}

/** A jumbogram is not defragmented, nor is a first fragment without its upper-layer header: both go on as they are. */
function passesAlone(packet: Packet): bool {
  return changetype<Ip6Header>(packet.address).payloadLength == 0 || lacksUpperHeader(packet);
}

/** An IPv6 first fragment does not hold the header of its protocol (RFC 8200 4.5; ipv6frag_thdr_truncated). */
export function lacksUpperHeader(packet: Packet): bool {
  if (packet.fragmentOffset != 0) return false;
  const next = changetype<Ip6Header>(packet.address).nextHeader;
  const found = skipExtensions(packet.address, packet.bytes, Wire.IP6_SIZE, next);
  return <u32>found != NO_TRANSPORT && <u32>found + upperHeaderBytes(<u32>(found >> 32)) > packet.bytes;
}

function upperHeaderBytes(protocol: u32): u32 {
  if (protocol == Protocol.TCP) return Wire.TCP_SIZE;
  if (protocol == Protocol.UDP) return Wire.UDP_SIZE;
  return protocol == Protocol.ICMP6 ? Wire.ICMP_SIZE : 1;
}
