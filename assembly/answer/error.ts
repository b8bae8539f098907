/** ICMP and ICMPv6 errors that the node sends about packets (icmp_send, icmp6_send). */

import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { skipExtensions, NO_TRANSPORT } from "../conntrack/extensions";
import { followedErrorBytes } from "../follow/mtu";
import { Packet } from "../packet";
import { addressType } from "../route/type";
import { activeProgram } from "../rules/program";
import { sealIp, sealTransport } from "../segment/seal";
import { IcmpHeader, isIcmp4Query } from "../wire/icmp";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header, extensionBytes, isExtension } from "../wire/ip6";
import { drawId, dstAddress, putHeader, srcAddress } from "./header";
import { maySendError } from "./limit";
import { ECHO_IMPOSSIBLE, echoOptions, firstHop } from "./options";
import { errorSource } from "./source";

/** RFC 1812 4.3.2.3 and RFC 4443 2.4 (c): an error is no longer than every host can take. */
const ERROR4_BYTES_MAX: u32 = 576;
const ERROR6_BYTES_MAX: u32 = 1280;
/** The bits of a packet's TOS that its error keeps, and the precedence that errors have (RFC 1812 4.3.2.5). */
const TOS_KEPT: u32 = 0x1e;
const TOS_INTERNETWORK_CONTROL: u32 = 0xc0;

/**
 * Builds the error of `type` and `code` about `cause`, quoting as much of it as an error may. `rest` is the second word
 * of the ICMP header, in network order. False: no error may be sent about such a packet, or there is no way back.
 */
export function buildIcmpError(cause: Packet, type: u32, code: u32, rest: u32, answer: Packet): bool {
  const isIp4 = cause.family == 4;
  if (isIp4 ? !mayReport4(cause) : !mayReport6(cause, type)) return false;
  const optionsEnd = isIp4 && type == Wire.ICMP4_PARAMETER_PROBLEM ? rest : cause.transport;
  const hop = firstHop(cause, optionsEnd);
  const source = errorSource(cause, hop);
  if (source == 0) return false;
  const options = echoOptions(cause, optionsEnd, source, answer.address + Wire.IP4_SIZE);
  if (options == ECHO_IMPOSSIBLE || (isLimited(cause) && !maySendError(cause.family, type, code, hop))) return false;
  const headers = Wire.ICMP_SIZE + (isIp4 ? Wire.IP4_SIZE + options : Wire.IP6_SIZE);
  const most = isIp4 ? followedErrorBytes(cause, ERROR4_BYTES_MAX) : ERROR6_BYTES_MAX;
  const quoteBytes = min(cause.bytes, max(most, headers) - headers);
  const tos = isIp4 ? (changetype<Ip4Header>(cause.address).tos & TOS_KEPT) | TOS_INTERNETWORK_CONTROL : 0;
  const protocol = isIp4 ? Protocol.ICMP : Protocol.ICMP6;
  putHeader(answer, protocol, options, Wire.ICMP_SIZE + quoteBytes, source, hop, tos, drawId(), 0);
  const icmp = answer.address + answer.transport;
  store<u8>(icmp, <u8>type, Wire.ICMP_TYPE);
  store<u8>(icmp, <u8>code, Wire.ICMP_CODE);
  store<u32>(icmp, rest, Wire.ICMP_REST);
  memory.copy(icmp + Wire.ICMP_QUOTE, cause.address, quoteBytes);
  sealIp(answer);
  sealTransport(answer);
  return true;
}

/** A bridge makes its errors by itself (nf_reject_skb_v4_unreach()). */
function isLimited(cause: Packet): bool {
  return (load<u32>(activeProgram(), Program.FLAGS) & Program.PROGRAM_WIRE) == 0;
}

/** Not about a later fragment, not about what was sent to many, not about ICMP that may be an error (RFC 1122 3.2.2). */
function mayReport4(cause: Packet): bool {
  if (cause.fragmentOffset != 0 || isForMany(cause)) return false;
  if (cause.protocol != Protocol.ICMP || cause.bytes <= cause.transport) return true;
  return isIcmp4Query(changetype<IcmpHeader>(cause.address + cause.transport).type);
}

/** RFC 4443 2.4 (e): sent to many, only Packet Too Big is reported; nothing is to unspecified or multicast sources. */
function mayReport6(cause: Packet, type: u32): bool {
  if (isForMany(cause) && type != Wire.ICMP6_TOO_BIG) return false;
  const src = srcAddress(cause);
  if (load<u8>(src) == 0xff || (load<u64>(src) | load<u64>(src, 8)) == 0) return false;
  return !mayBeError6(cause);
}

/**
 * An ICMPv6 error, or ICMPv6 of which not even the type is there. But a fragment without its type is reported: RFC 8200
 * 4.5 asks for that (is_ineligible).
 */
function mayBeError6(cause: Packet): bool {
  const next = changetype<Ip6Header>(cause.address).nextHeader;
  const found = skipExtensions(cause.address, cause.bytes, Wire.IP6_SIZE, next);
  const at = <u32>found;
  if (at == NO_TRANSPORT || <u32>(found >> 32) != Protocol.ICMP6) return false;
  if (at < cause.bytes) return load<u8>(cause.address + at) < Wire.ICMP6_INFORMATIONAL;
  return lastFragmentField(cause) == 0;
}

/** Offset and flags of the last fragment header, not in order; 0: there is none, or it is all of its packet. */
function lastFragmentField(cause: Packet): u32 {
  let field: u32 = 0;
  let protocol: u32 = changetype<Ip6Header>(cause.address).nextHeader;
  for (let at = Wire.IP6_SIZE; isExtension(protocol) && at + Wire.EXTENSION_SIZE <= cause.bytes; ) {
    const header = cause.address + at;
    if (protocol == Protocol.FRAGMENT) field = load<u16>(header, Wire.FRAGMENT6_OFFSET);
    at += extensionBytes(protocol, header);
    protocol = load<u8>(header, Wire.EXTENSION_NEXT);
  }
  return field;
}

/** To a group or a broadcast address, of the link or of IP. */
function isForMany(cause: Packet): bool {
  if ((cause.flags & Descriptor.FLAG_MULTICAST) != 0) return true;
  const type = addressType(cause.family, dstAddress(cause));
  return type == Program.ROUTE_BROADCAST || type == Program.ROUTE_MULTICAST;
}
