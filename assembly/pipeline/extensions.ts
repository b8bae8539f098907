/**
 * IPv6 extension headers of packets for the node itself (ip6_protocol_deliver_rcu() and net/ipv6/exthdrs.c of Linux):
 * on the way through they are not looked at, here the first one that asks for too much is reported to the sender.
 */

import * as Descriptor from "../layout/descriptor";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { lacksUpperHeader } from "../fragment/collect";
import { Geometry } from "../fragment/geometry";
import { Packet } from "../packet";
import { isZero } from "../wire/hopbyhop";
import { Ip6Header, extensionBytes, isExtension } from "../wire/ip6";
import { answerError } from "./answers";

/** Codes of Parameter Problem. */
const CODE_HEADER_FIELD: u32 = 0;
const CODE_NEXT_HEADER: u32 = 1;
const CODE_OPTION: u32 = 2;
/** RFC 7112 5. */
const CODE_INCOMPLETE_HEADERS: u32 = 3;

const ROUTING_TYPE: u32 = 2;
/** RFC 6554 and RFC 8754. */
const ROUTING_RPL: u32 = 3;
const ROUTING_SEGMENTS: u32 = 4;
const ROUTING_SEGMENTS_LEFT: u32 = 3;
const OPTION_PAD1: u32 = 0;
const OPTION_PADN: u32 = 1;
/** More in a row aligns nothing (RFC 4942 2.1.9.5). */
const PADDING_MAX: u32 = 7;
const OPTION_HOME_ADDRESS: u32 = 201;
/** max_dst_opts_number. */
const OPTIONS_MAX: u32 = 8;

/** RFC 8200 4.5: no packet is longer. */
const FRAGMENT_END_MAX: u32 = 65535;

export const EXTENSIONS_FINE: u32 = 0;
export const EXTENSIONS_DROPPED: u32 = 1;
export const EXTENSIONS_REPORTED: u32 = 2;

/** EXTENSIONS_FINE: the packet may go to its protocol. */
export function acceptExtensions(packet: Packet): u32 {
  if (packet.family == 4) return EXTENSIONS_FINE;
  let protocol: u32 = load<u8>(packet.address, Wire.IP6_NEXT_HEADER);
  let named: u32 = Wire.IP6_NEXT_HEADER;
  let at: u32 = Wire.IP6_SIZE;
  let mayBeOptions = !beganWithFragment(packet);
  while (isExtension(protocol)) {
    if (protocol == Protocol.AH || (protocol == Protocol.HOP_BY_HOP && !mayBeOptions)) {
      return report(packet, CODE_NEXT_HEADER, named);
    }
    const outcome = checkExtension(packet, protocol, at);
    if (outcome != EXTENSIONS_FINE) return outcome;
    named = at;
    at += extensionBytes(protocol, packet.address + at);
    protocol = load<u8>(packet.address + named);
    mayBeOptions = false;
  }
  return EXTENSIONS_FINE;
}

/** A hop-by-hop header that first stood behind a fragment header has not been read on arrival, and nobody else reads it. */
function beganWithFragment(packet: Packet): bool {
  return packet.fragments != 0 && changetype<Geometry>(packet.fragments).nameField == Wire.IP6_NEXT_HEADER;
}

/** Offset of the field that names the packet's protocol: in the IPv6 header, or in the last extension header. */
export function protocolField(packet: Packet): u32 {
  let named: u32 = Wire.IP6_NEXT_HEADER;
  let at: u32 = Wire.IP6_SIZE;
  while (at < packet.transport) {
    const protocol: u32 = load<u8>(packet.address + named);
    named = at;
    at += extensionBytes(protocol, packet.address + at);
  }
  return named;
}

/** A header that is cut off is dropped in silence. */
function checkExtension(packet: Packet, protocol: u32, at: u32): u32 {
  if (at + Wire.EXTENSION_SIZE > packet.bytes) return EXTENSIONS_DROPPED;
  const header = packet.address + at;
  if (at + extensionBytes(protocol, header) > packet.bytes) return EXTENSIONS_DROPPED;
  if (protocol == Protocol.DESTINATION_OPTIONS) return checkOptions(packet, at);
  if (protocol == Protocol.FRAGMENT) return checkFragment(packet, at);
  return protocol == Protocol.ROUTING ? checkRouting(packet, at) : EXTENSIONS_FINE;
}

/** ipv6_rthdr_rcv(): segment routing has to be allowed first, which it is not; of the others only used up ones pass. */
function checkRouting(packet: Packet, at: u32): u32 {
  const header = packet.address + at;
  const type: u32 = load<u8>(header, ROUTING_TYPE);
  if (type == ROUTING_RPL || type == ROUTING_SEGMENTS) return EXTENSIONS_DROPPED;
  if (load<u8>(header, ROUTING_SEGMENTS_LEFT) == 0) return EXTENSIONS_FINE;
  return report(packet, CODE_HEADER_FIELD, at + ROUTING_TYPE);
}

/**
 * A fragment that could not be collected, or that was found in what fragments have been put together to
 * (ipv6_frag_rcv()). One that is a whole packet has nothing wrong with it.
 */
function checkFragment(packet: Packet, at: u32): u32 {
  const isJumbo = changetype<Ip6Header>(packet.address).payloadLength == 0;
  if (isJumbo || packet.fragments != 0) return report(packet, CODE_HEADER_FIELD, at);
  if ((packet.fragmentOffset | packet.moreFragments) == 0) return EXTENSIONS_FINE;
  if (lacksUpperHeader(packet)) return report(packet, CODE_INCOMPLETE_HEADERS, 0);
  const end = packet.fragmentOffset + packet.bytes - at - Wire.FRAGMENT6_SIZE;
  return report(packet, CODE_HEADER_FIELD, end > FRAGMENT_END_MAX ? at + Wire.FRAGMENT6_OFFSET : Wire.IP6_PAYLOAD_LENGTH);
}

/** RFC 8200 4.2: the two highest bits of an option's type say what to do where it is not known. */
function checkOptions(packet: Packet, header: u32): u32 {
  const end = header + extensionBytes(Protocol.DESTINATION_OPTIONS, packet.address + header);
  let padding: u32 = 0;
  let options: u32 = 0;
  for (let at = header + 2; at < end; ) {
    const type: u32 = load<u8>(packet.address + at);
    if (type == OPTION_PAD1) {
      if (++padding > PADDING_MAX) return EXTENSIONS_DROPPED;
      at++;
      continue;
    }
    if (end - at < 2) return EXTENSIONS_DROPPED;
    const bytes = <u32>load<u8>(packet.address + at, 1) + 2;
    if (bytes > end - at) return EXTENSIONS_DROPPED;
    if (type == OPTION_PADN) {
      padding += bytes;
      if (padding > PADDING_MAX || !isZero(packet.address + at + 2, bytes - 2)) return EXTENSIONS_DROPPED;
    } else {
      if (++options > OPTIONS_MAX) return EXTENSIONS_DROPPED;
      const action = type >> 6;
      if (type != OPTION_HOME_ADDRESS && action != 0) {
        return action == 1 ? EXTENSIONS_DROPPED : report(packet, CODE_OPTION, at);
      }
      padding = 0;
    }
    at += bytes;
  }
  return EXTENSIONS_FINE;
}

function report(packet: Packet, code: u32, pointer: u32): u32 {
  if ((packet.flags & Descriptor.FLAG_MULTICAST) != 0) return EXTENSIONS_DROPPED;
  const sent = answerError(packet, Wire.ICMP6_PARAMETER_PROBLEM, code, bswap<u32>(pointer));
  return sent ? EXTENSIONS_REPORTED : EXTENSIONS_DROPPED;
}
