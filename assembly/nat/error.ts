/** ICMP errors through a translation: the packet they quote is turned back first, then they are themselves. */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { NO_TRANSPORT, skipExtensions } from "../conntrack/extensions";
import { TUPLE_SIZE, Tuple, invertTuple, tupleOfConnection } from "../conntrack/tuple";
import { Packet } from "../packet";
import { fold, partialSum, pseudoHeaderSum, transportChecksumValid } from "../wire/checksum";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";
import { rewriteIp } from "./header";
import { NAT_DST, NAT_SRC } from "./range";
import { isTranslated } from "./rewrite";

/** RFC 4861 4.5. */
const ICMP6_REDIRECT: u32 = 137;
const NAT_BITS: u32 = Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT;
const NAT_DONE_BITS: u32 = Connection.STATUS_SRC_NAT_DONE | Connection.STATUS_DST_NAT_DONE;

const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

/**
 * nf_nat_icmp_reply_translation and its IPv6 twin: the quoted packet's opposite end gets the value of the connection's
 * other direction, the checksum is made anew, then the outer header is rewritten. False: the error must be dropped.
 */
export function rewriteError(packet: Packet, kind: u32): bool {
  if (!transportChecksumValid(packet)) return false;
  const icmp = packet.address + packet.transport;
  if (isRedirect(packet, load<u8>(icmp)) && !mayRedirect(packet.connection)) return false;
  if (!isTranslated(packet, kind)) return true;
  const quote = icmp + Wire.ICMP_SIZE;
  const quoteBytes = packet.bytes - packet.transport - Wire.ICMP_SIZE;
  const tuple = changetype<Tuple>(tuples);
  tupleOfConnection(packet.connection, packet.direction ^ 1, tuple);
  const transport = quotedTransport(quote, quoteBytes, packet.family);
  if (!rewriteIp(quote, quoteBytes, transport, tuple, kind == NAT_SRC ? NAT_DST : NAT_SRC)) return false;
  sealIcmp(packet, icmp);
  const target = changetype<Tuple>(tuples + TUPLE_SIZE);
  invertTuple(tuple, target);
  target.protocol = packet.protocol;
  return rewriteIp(packet.address, packet.bytes, packet.transport, target, kind);
}

function isRedirect(packet: Packet, type: u32): bool {
  return type == (packet.protocol == Protocol.ICMP ? Wire.ICMP4_REDIRECT : ICMP6_REDIRECT);
}

/** A redirect speaks of addresses that a translation hides: it passes only where there is none. */
export function mayRedirect(connection: usize): bool {
  const status: u32 = load<u16>(connection, Connection.STATUS);
  return (status & NAT_DONE_BITS) == NAT_DONE_BITS && (status & NAT_BITS) == 0;
}

/** Offset of the quoted packet's transport header; 0: there is none, or it is cut off. */
export function quotedTransport(quote: usize, bytes: u32, family: u32): u32 {
  if (family == 4) return changetype<Ip4Header>(quote).headerBytes;
  const transport = <u32>skipExtensions(quote, bytes, Wire.IP6_SIZE, changetype<Ip6Header>(quote).nextHeader);
  return transport == NO_TRANSPORT ? 0 : transport;
}

function sealIcmp(packet: Packet, icmp: usize): void {
  const bytes = packet.bytes - packet.transport;
  store<u16>(icmp, 0, Wire.ICMP_CHECKSUM);
  let sum = partialSum(icmp, bytes);
  if (packet.family == 6) sum += pseudoHeaderSum(packet, Protocol.ICMP6, bytes);
  store<u16>(icmp, <u16>~fold(sum), Wire.ICMP_CHECKSUM);
}
