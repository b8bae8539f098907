/** Echo replies (RFC 792, RFC 4443 4.2): the request with its addresses swapped and another type. */

import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { sealIp, sealTransport } from "../segment/seal";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";
import { drawId, dstAddress, putHeader, srcAddress } from "./header";
import { ECHO_IMPOSSIBLE, echoOptions } from "./options";
import { routeSource } from "./source";

/**
 * Builds the reply to an echo request to one of the node's addresses, whose checksum has been checked. False: its IPv4
 * options cannot be answered, or there is no way back.
 */
export function buildEchoReply(cause: Packet, answer: Packet): bool {
  const isIp4 = cause.family == 4;
  const payload = cause.bytes - cause.transport;
  const tos = isIp4 ? changetype<Ip4Header>(cause.address).tos : changetype<Ip6Header>(cause.address).trafficClass;
  const protocol = isIp4 ? Protocol.ICMP : Protocol.ICMP6;
  // What answers to an anycast address gives its own (icmpv6_echo_reply).
  const isAnycast = load<u8>(cause.route, Program.ROUTE_TYPE) == Program.ROUTE_ANYCAST;
  const src = isAnycast ? routeSource(cause.family, srcAddress(cause)) : dstAddress(cause);
  if (src == 0) return false;
  const options = echoOptions(cause, cause.transport, src, answer.address + Wire.IP4_SIZE);
  if (options == ECHO_IMPOSSIBLE) return false;
  putHeader(answer, protocol, options, payload, src, srcAddress(cause), tos, drawId(), 0);
  const icmp = answer.address + answer.transport;
  memory.copy(icmp, cause.address + cause.transport, payload);
  store<u8>(icmp, <u8>(isIp4 ? Wire.ICMP4_ECHO_REPLY : Wire.ICMP6_ECHO_REPLY), Wire.ICMP_TYPE);
  sealIp(answer);
  sealTransport(answer);
  // The kernel's sum of nothing but zeros is the other zero (csum_partial_copy_nocheck).
  if (isIp4 && load<u16>(icmp, Wire.ICMP_CHECKSUM) == 0xffff) store<u16>(icmp, 0, Wire.ICMP_CHECKSUM);
  return true;
}
