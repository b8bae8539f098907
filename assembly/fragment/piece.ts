/** The IP headers of pieces: each has the whole packet's, changed to say which stretch of it follows. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { partialSum } from "../wire/checksum";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";

/** IPv4 options (RFC 791 3.1): one byte each, or type and length. Those with the flag go into every piece. */
const OPTION_END: u32 = 0;
const OPTION_NO_OPERATION: u32 = 1;
const OPTION_COPIED: u32 = 0x80;

/**
 * Bytes of the headers that every piece repeats: all of IPv4's, IPv6's unfragmentable ones. 0: those reach past the
 * packet's first `contiguous` bytes, which are all that the kernel looks at.
 */
export function splitHeaderBytes(packet: Packet, contiguous: u32): u32 {
  if (packet.family == 4) return changetype<Ip4Header>(packet.address).headerBytes;
  const field = lastNameField(packet, contiguous);
  if (field == NO_FIELD) return 0;
  return field == Wire.IP6_NEXT_HEADER ? Wire.IP6_SIZE : field + headerBytesAt(packet.address + field);
}

/** Writes the header of the piece of `bytes` bytes at `offset` of the payload. A piece of a fragment stays inside that. */
export function writeHeader4(packet: Packet, to: usize, headerBytes: u32, offset: u32, bytes: u32, dontFragment: bool): void {
  memory.copy(to, packet.address, headerBytes);
  const header = changetype<Ip4Header>(to);
  const isLast = headerBytes + offset + bytes == packet.bytes && !packet.moreFragments;
  const flags: u32 = (isLast ? 0 : Wire.IP4_MORE_FRAGMENTS) | (dontFragment ? Wire.IP4_DONT_FRAGMENT : 0);
  header.totalLength = headerBytes + bytes;
  header.fragment = flags | ((packet.fragmentOffset + offset) >> 3);
  if (offset != 0) blankOptions(to, headerBytes);
  header.checksum = 0;
  header.checksum = partialSum(to, headerBytes) ^ 0xffff;
}

/** The same for IPv6: the headers that are repeated, then a fragment header. */
export function writeHeader6(packet: Packet, to: usize, headerBytes: u32, offset: u32, bytes: u32, id: u32): void {
  memory.copy(to, packet.address, headerBytes);
  changetype<Ip6Header>(to).payloadLength = headerBytes - Wire.IP6_SIZE + Wire.FRAGMENT6_SIZE + bytes;
  const field = to + lastNameField(packet, packet.bytes);
  const fragment = to + headerBytes;
  const more = headerBytes + offset + bytes == packet.bytes ? 0 : Wire.FRAGMENT6_MORE;
  store<u16>(fragment, load<u8>(field), Wire.EXTENSION_NEXT);
  store<u8>(field, <u8>Protocol.FRAGMENT);
  store<u16>(fragment, bswap<u16>(<u16>(offset | more)), Wire.FRAGMENT6_OFFSET);
  store<u32>(fragment, id, Wire.FRAGMENT6_ID);
}

/** Options that belong to the first piece only become "no operation" (ip_options_fragment). */
function blankOptions(header: usize, headerBytes: u32): void {
  let at: u32 = Wire.IP4_OPTIONS;
  while (at < headerBytes) {
    const type: u32 = load<u8>(header + at);
    if (type == OPTION_END) return;
    if (type == OPTION_NO_OPERATION) {
      at++;
      continue;
    }
    const bytes: u32 = at + 1 < headerBytes ? <u32>load<u8>(header + at, 1) : 0;
    if (bytes < 2 || bytes > headerBytes - at) return;
    if (!(type & OPTION_COPIED)) memory.fill(header + at, <u8>OPTION_NO_OPERATION, bytes);
    at += bytes;
  }
}

const NO_FIELD: u32 = 0xffffffff;

/**
 * The next-header field that names what follows the unfragmentable headers: hop-by-hop, routing, and destination
 * options unless a routing header stands before them (ip6_find_1stfragopt). NO_FIELD: they do not end within `end`.
 */
function lastNameField(packet: Packet, end: u32): u32 {
  let field = Wire.IP6_NEXT_HEADER;
  let at = Wire.IP6_SIZE;
  let hasRouting = false;
  while (at <= end) {
    const protocol: u32 = load<u8>(packet.address + field);
    if (protocol == Protocol.ROUTING) hasRouting = true;
    else if (protocol == Protocol.DESTINATION_OPTIONS) {
      if (hasRouting) return field;
    } else if (protocol != Protocol.HOP_BY_HOP) return field;
    if (at + 2 > end) return NO_FIELD;
    field = at;
    at += headerBytesAt(packet.address + at);
  }
  return NO_FIELD;
}

function headerBytesAt(extension: usize): u32 {
  return (<u32>load<u8>(extension, Wire.EXTENSION_LENGTH) + 1) << 3;
}
