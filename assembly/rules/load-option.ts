/** Instructions that look for options and extension headers (nft_exthdr.c). */

import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { extensionBytes, isExtension } from "../wire/ip6";
import { hasTcpHeader, TcpHeader } from "../wire/tcp";
import { registerOf } from "./registers";

/** OPTIONS of the instructions. */
const ASKS_PRESENCE: u32 = 1;
/** Both of IPv4 and of TCP: the end of the list, and one byte of padding; all others have a length behind their kind. */
const OPTION_END: u32 = 0;
const OPTION_PADDING: u32 = 1;
const OPTION_HEADER_BYTES: u32 = 2;

let foundBytes: u32 = 0;

/** A field of an IPv6 extension header, or whether there is one of the type. */
export function loadExtension(packet: Packet, at: usize): bool {
  if (packet.family != 6) return false;
  const header = findExtension(packet, load<u32>(at, Instructions.Y));
  return loadFound(at, header, packet.bytes - <u32>(header - packet.address));
}

/** A field of a TCP option, or whether there is one of the kind. */
export function loadOption(packet: Packet, at: usize): bool {
  const option = findTcpOption(packet, load<u32>(at, Instructions.Y));
  return loadFound(at, option, foundBytes);
}

/** The same of an IPv4 option. */
export function loadIpOption(packet: Packet, at: usize): bool {
  if (packet.family != 4) return loadFound(at, 0, 0);
  const end = packet.address + packet.transport;
  const option = findInIp(packet.address + Wire.IP4_OPTIONS, end, load<u32>(at, Instructions.Y));
  return loadFound(at, option, foundBytes);
}

/** The packet's TCP option of a kind; 0: none, or no TCP header. Its length is foundOptionBytes(). */
export function findTcpOption(packet: Packet, kind: u32): usize {
  if (packet.protocol != Protocol.TCP || packet.fragmentOffset != 0) return 0;
  const header = packet.address + packet.transport;
  if (packet.bytes < packet.transport || !hasTcpHeader(header, packet.bytes - packet.transport)) return 0;
  return findInTcp(header + Wire.TCP_OPTIONS, header + changetype<TcpHeader>(header).headerBytes, kind);
}

/** Bytes of the option that was found last. */
export function foundOptionBytes(): u32 {
  return foundBytes;
}

/** nft_exthdr_tcp_eval(): an end of the list does not end it, an option without a length is one byte. */
function findInTcp(at: usize, end: usize, kind: u32): usize {
  while (at + 1 < end) {
    const found = <u32>load<u8>(at);
    const length = <u32>load<u8>(at, 1);
    const bytes: u32 = found <= OPTION_PADDING || length == 0 ? 1 : length;
    if (found == kind) return noteFound(at, end, bytes);
    at += bytes;
  }
  return 0;
}

/** ip_options_compile(): the end ends the list, and so does what is malformed. */
function findInIp(at: usize, end: usize, kind: u32): usize {
  while (at < end) {
    const found = <u32>load<u8>(at);
    if (found == OPTION_END) return 0;
    const bytes: u32 = found == OPTION_PADDING ? 1 : at + OPTION_HEADER_BYTES > end ? 0 : <u32>load<u8>(at, 1);
    if (bytes == 0) return 0;
    if (found == kind) return noteFound(at, end, bytes);
    at += bytes;
  }
  return 0;
}

function noteFound(at: usize, end: usize, bytes: u32): usize {
  foundBytes = bytes;
  return at + bytes <= end ? at : 0;
}

/** ipv6_find_hdr(): the first extension header of the type; 0: none. */
function findExtension(packet: Packet, type: u32): usize {
  const end = packet.address + packet.bytes;
  let header = packet.address + Wire.IP6_SIZE;
  let protocol = <u32>load<u8>(packet.address, Wire.IP6_NEXT_HEADER);
  while (header + Wire.EXTENSION_SIZE <= end) {
    if (protocol == type) return header;
    if (!isExtension(protocol)) return 0;
    const bytes = extensionBytes(protocol, header);
    protocol = load<u8>(header, Wire.EXTENSION_NEXT);
    header += bytes;
  }
  return 0;
}

function loadFound(at: usize, header: usize, bytes: u32): bool {
  const target = registerOf(at);
  if ((load<u8>(at, Instructions.OPTIONS) & ASKS_PRESENCE) != 0) {
    store<u32>(target, u32(header != 0));
    return true;
  }
  const offset = load<u32>(at, Instructions.X);
  const wanted: u32 = load<u8>(at, Instructions.LENGTH);
  if (header == 0 || offset + wanted > bytes) return false;
  store<u32>(target, 0);
  memory.copy(target, header + offset, wanted);
  return true;
}
