/** TCP resets: the ones that rules send, and the ones that the node's own TCP sends from closed ports. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { sealIp, sealTransport } from "../segment/seal";
import { transportChecksumValid } from "../wire/checksum";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";
import { TcpHeader, hasTcpHeader } from "../wire/tcp";
import { isUnauthenticated } from "./authentication";
import { dstAddress, putHeader, srcAddress } from "./header";
import { ECHO_IMPOSSIBLE, echoOptions } from "./options";

const ECN_BITS: u32 = 3;

/**
 * `reject with tcp reset` (nf_reject_ipv4.c, nf_reject_ipv6.c). False: nothing may be reset, because it is no whole TCP
 * packet, is a reset itself, or has a wrong checksum.
 */
export function buildReset(cause: Packet, answer: Packet): bool {
  return putReset(cause, 0, 0, answer);
}

/**
 * What the node's TCP says from a closed port: the same, but in the packet's own service class and with its options, and
 * nothing to segments that prove who they are from.
 */
export function buildClosedPortReset(cause: Packet, answer: Packet): bool {
  const header = cause.address + cause.transport;
  if (!hasTcpHeader(header, cause.bytes - cause.transport)) return false;
  if (!isUnauthenticated(cause.family, header, changetype<TcpHeader>(header).headerBytes)) return false;
  const isIp4 = cause.family == 4;
  const tos = isIp4 ? changetype<Ip4Header>(cause.address).tos : changetype<Ip6Header>(cause.address).trafficClass;
  const options = echoOptions(cause, cause.transport, dstAddress(cause), answer.address + Wire.IP4_SIZE);
  // Over IPv4, TCP sums it up itself (tcp_v4_send_reset); over IPv6 it does not (tcp_v6_send_response).
  answer.hasOpenChecksum = !isIp4;
  return options != ECHO_IMPOSSIBLE && putReset(cause, options, tos & ~ECN_BITS, answer);
}

function putReset(cause: Packet, options: u32, tos: u32, answer: Packet): bool {
  const header = cause.address + cause.transport;
  const segmentBytes = cause.bytes - cause.transport;
  if (cause.protocol != Protocol.TCP || cause.fragmentOffset != 0) return false;
  if (!hasTcpHeader(header, segmentBytes)) return false;
  const from = changetype<TcpHeader>(header);
  if ((from.flags & Wire.TCP_RST) != 0 || !transportChecksumValid(cause)) return false;
  const src = dstAddress(cause);
  putHeader(answer, Protocol.TCP, options, Wire.TCP_SIZE, src, srcAddress(cause), tos, 0, Wire.IP4_DONT_FRAGMENT);
  const to = changetype<TcpHeader>(answer.address + answer.transport);
  memory.fill(changetype<usize>(to), 0, Wire.TCP_SIZE);
  to.srcPort = from.dstPort;
  to.dstPort = from.srcPort;
  to.headerBytes = Wire.TCP_SIZE;
  putNumbers(from, segmentBytes, to);
  sealIp(answer);
  sealTransport(answer);
  return true;
}

/** RFC 9293 3.10.7.1: what was acknowledged is the sequence number; else all that was sent is acknowledged. */
function putNumbers(from: TcpHeader, segmentBytes: u32, to: TcpHeader): void {
  if ((from.flags & Wire.TCP_ACK) != 0) {
    to.sequence = from.acknowledged;
    to.flags = Wire.TCP_RST;
    return;
  }
  const syn: u32 = from.flags & Wire.TCP_SYN ? 1 : 0;
  const fin: u32 = from.flags & Wire.TCP_FIN ? 1 : 0;
  to.acknowledged = from.sequence + syn + fin + segmentBytes - from.headerBytes;
  to.flags = Wire.TCP_RST | Wire.TCP_ACK;
}
