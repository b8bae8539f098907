/**
 * The checks that stand before every hook: what ip_rcv() and ipv6_rcv() refuse (net/ipv4/ip_input.c,
 * net/ipv6/ip6_input.c). What they let through reaches the hooks, however broken its inside may be. Checks that need
 * an interface (loopback addresses, frames to others) are the pipeline's.
 */

import * as Descriptor from "../layout/descriptor";
import * as Protocol from "../layout/protocol";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { partialSum } from "./checksum";
import { isIp4ChecksumRight } from "./checksum4";
import { HOP_FINE, checkHopByHop, jumboBytes } from "./hopbyhop";
import { Ip4Header } from "./ip4";
import { Ip6Header, extensionBytes, isExtension } from "./ip6";

/** First byte of a multicast address (RFC 4291 2.7), and the scopes that never come from a wire. */
const IP6_MULTICAST: u32 = 0xff;
const IP6_SCOPE_INTERFACE_LOCAL: u32 = 1;

/**
 * Describes the packet at packet.address, of which packet.bytes bytes are there: family, length without padding,
 * transport, fragment. REASON_NONE, or why it never reaches a hook; then the description may be incomplete.
 */
export function parsePacket(packet: Packet): u32 {
  if (packet.bytes == 0) return Verdict.REASON_IP_TRUNCATED;
  const version = <u32>load<u8>(packet.address) >> 4;
  if (version == 4) return parseIp4(packet);
  if (version == 6) return parseIp6(packet);
  return Verdict.REASON_IP_VERSION;
}

function parseIp4(packet: Packet): u32 {
  packet.family = 4;
  if (packet.bytes < Wire.IP4_SIZE) return Verdict.REASON_IP_TRUNCATED;
  const header = changetype<Ip4Header>(packet.address);
  const headerBytes = header.headerBytes;
  if (headerBytes < Wire.IP4_SIZE) return Verdict.REASON_IP_HEADER_LENGTH;
  if (headerBytes > packet.bytes) return Verdict.REASON_IP_TRUNCATED;
  if (!isHeaderSumRight(packet.address, headerBytes)) return Verdict.REASON_IP_CHECKSUM;
  const totalLength = header.totalLength;
  if (totalLength > packet.bytes) return missingBytes(packet);
  if (totalLength < headerBytes) return Verdict.REASON_IP_TOTAL_LENGTH;
  const fragment = header.fragment;
  packet.bytes = totalLength;
  packet.protocol = header.protocol;
  packet.transport = headerBytes;
  packet.fragmentOffset = (fragment & Wire.IP4_OFFSET_MASK) << 3;
  packet.moreFragments = fragment & Wire.IP4_MORE_FRAGMENTS ? 1 : 0;
  packet.fragmentHeader = 0;
  return Verdict.REASON_NONE;
}

/** Nearly every header has no options. */
function isHeaderSumRight(header: usize, headerBytes: u32): bool {
  return headerBytes == Wire.IP4_SIZE ? isIp4ChecksumRight(header) : partialSum(header, headerBytes) == 0xffff;
}

function parseIp6(packet: Packet): u32 {
  packet.family = 6;
  if (packet.bytes < Wire.IP6_SIZE) return Verdict.REASON_IP_TRUNCATED;
  const header = changetype<Ip6Header>(packet.address);
  const refused = refusedAddresses(header);
  if (refused != Verdict.REASON_NONE) return refused;
  const hasHopByHop = header.nextHeader == Protocol.HOP_BY_HOP;
  const payload = header.payloadLength;
  // RFC 2675: a payload length of 0 before a hop-by-hop header may belong to a jumbogram.
  if (payload != 0 || !hasHopByHop) {
    const total = payload + Wire.IP6_SIZE;
    if (total > packet.bytes) return missingBytes(packet);
    packet.bytes = total;
  }
  if (hasHopByHop) {
    if (checkHopByHop(packet) != HOP_FINE) return Verdict.REASON_IP6_EXTENSION;
    const jumbo = jumboBytes(packet);
    if (jumbo != 0) packet.bytes = jumbo + Wire.IP6_SIZE;
  }
  findTransport6(packet);
  return Verdict.REASON_NONE;
}

/** RFC 4291 2.7: no packet comes from a group; groups of scope 0 and of scope interface-local do not come from a wire. */
function refusedAddresses(header: Ip6Header): u32 {
  if (load<u8>(header.src) == IP6_MULTICAST) return Verdict.REASON_MARTIAN_SOURCE;
  if (load<u8>(header.dst) == IP6_MULTICAST && (<u32>load<u8>(header.dst, 1) & 15) <= IP6_SCOPE_INTERFACE_LOCAL) {
    return Verdict.REASON_MARTIAN_DESTINATION;
  }
  return Verdict.REASON_NONE;
}

function missingBytes(packet: Packet): u32 {
  return packet.flags & Descriptor.FLAG_TRUNCATED ? Verdict.REASON_CAPTURE_TRUNCATED : Verdict.REASON_IP_TOTAL_LENGTH;
}

/**
 * Sets protocol, transport and fragment of an IPv6 packet. The walk ends at the first header that is no extension, at
 * AH (as nft_set_pktinfo_ipv6() does; conntrack looks further) and at a later fragment. Of several fragment headers the
 * first is the packet's own. Where a header is cut off, the packet has no transport: NO_NEXT_HEADER; one that only says
 * that it ends behind the packet still names the protocol. Every step is at least eight bytes, so the packet's length
 * bounds the walk.
 */
export function findTransport6(packet: Packet): void {
  let protocol = changetype<Ip6Header>(packet.address).nextHeader;
  let at: u32 = Wire.IP6_SIZE;
  packet.fragmentHeader = 0;
  packet.fragmentOffset = 0;
  packet.moreFragments = 0;
  while (protocol != Protocol.AH && isExtension(protocol)) {
    const header = packet.address + at;
    if (at + Wire.EXTENSION_SIZE > packet.bytes) {
      protocol = Protocol.NO_NEXT_HEADER;
      break;
    }
    if (protocol == Protocol.FRAGMENT) {
      const fragment = <u32>bswap<u16>(load<u16>(header, Wire.FRAGMENT6_OFFSET));
      const offset = fragment & Wire.FRAGMENT6_OFFSET_MASK;
      if (packet.fragmentHeader == 0) {
        packet.fragmentHeader = at;
        packet.fragmentOffset = offset;
        packet.moreFragments = fragment & Wire.FRAGMENT6_MORE;
      } else if (offset != 0) {
        protocol = Protocol.NO_NEXT_HEADER;
        break;
      }
    }
    at += extensionBytes(protocol, header);
    protocol = load<u8>(header, Wire.EXTENSION_NEXT);
    if (packet.fragmentOffset != 0) break;
  }
  packet.protocol = protocol;
  packet.transport = min(at, packet.bytes);
}
