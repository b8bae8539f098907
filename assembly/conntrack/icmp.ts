/**
 * ICMP and ICMPv6 (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c): queries are connections of their own; errors
 * belong to the connection of the packet that they quote.
 */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { timeoutMilliseconds } from "../memory/engine";
import { Packet } from "../packet";
import { IcmpHeader, hasIcmpHeader, isIcmp4Error } from "../wire/icmp";
import { isIcmp4Request, isIcmp6Request, isIcmp6Untracked } from "./icmp-types";
import { ACCEPT, invalid, isChecksumWrong, refresh, statusOf } from "./outcome";
import { Tuple, invertTuple, tupleOfQuote } from "./tuple";
import { findInZone } from "./zones";

/** What examineIcmp() says: to be tracked like any packet; done with, packet.ct is set; invalid. */
export const ICMP_TRACK: u32 = 0;
export const ICMP_DONE: u32 = 1;
export const ICMP_INVALID: u32 = 2;

/** NR_ICMP_TYPES: no higher type is known (RFC 1122 3.2.2). */
const ICMP4_TYPE_MAX: u32 = 18;

const quoted: usize = memory.data(48, 16);
const inverted: usize = memory.data(48, 16);

/** Looks at an ICMP packet before the table is asked: checksum, types, and errors, which become RELATED. */
export function examineIcmp(packet: Packet): u32 {
  const header = packet.address + packet.transport;
  if (!hasIcmpHeader(header, packet.bytes - packet.transport)) return invalidIcmp(State.INVALID_HEADER);
  if (isChecksumWrong(packet)) return invalidIcmp(State.INVALID_CHECKSUM);
  const type = changetype<IcmpHeader>(header).type;
  if (packet.family == 4) {
    if (type > ICMP4_TYPE_MAX) return invalidIcmp(State.INVALID_TYPE);
    return isIcmp4Error(type) ? relate(packet) : ICMP_TRACK;
  }
  if (isIcmp6Untracked(type)) {
    packet.ct = State.CT_UNTRACKED;
    return ICMP_DONE;
  }
  return type < Wire.ICMP6_INFORMATIONAL ? relate(packet) : ICMP_TRACK;
}

/** A query or its answer. Only requests start a connection; the family must be the protocol's own. */
export function trackIcmp(packet: Packet, connection: usize, direction: u32): u32 {
  const isIp4 = packet.family == 4;
  if (isIp4 != (packet.protocol == Protocol.ICMP)) return invalid(State.INVALID_TYPE);
  const type = <u32>load<u8>(connection, Connection.ORIGINAL + Connection.DST_PORT);
  const isNew = (statusOf(connection) & Connection.STATUS_CONFIRMED) == 0;
  if (isNew && !(isIp4 ? isIcmp4Request(type) : isIcmp6Request(type))) return invalid(State.INVALID_FIRST);
  refresh(connection, direction, packet.bytes, timeoutMilliseconds(isIp4 ? State.TIMEOUT_ICMP : State.TIMEOUT_ICMP6));
  return ACCEPT;
}

/**
 * nf_conntrack_inet_error(): the quoted packet went the other way, so its inverted tuple finds the connection. The error
 * must go where that direction's packets go, else it could be forged by somebody who is not on the path.
 */
function relate(packet: Packet): u32 {
  const quote = packet.transport + Wire.ICMP_QUOTE;
  const tuple = changetype<Tuple>(quoted);
  const answer = changetype<Tuple>(inverted);
  if (!tupleOfQuote(packet.address + quote, packet.bytes - quote, packet.family, tuple)) return invalidIcmp(State.INVALID_QUOTE);
  if (!invertTuple(tuple, answer)) return invalidIcmp(State.INVALID_QUOTE);
  const found = findInZone(packet, answer);
  if (found == 0 || !goesTo(packet, answer)) return invalidIcmp(State.INVALID_QUOTE);
  packet.ct = State.CT_RELATED;
  packet.connection = found & ~1;
  packet.direction = <u32>found & 1;
  return ICMP_DONE;
}

function invalidIcmp(why: u32): u32 {
  invalid(why);
  return ICMP_INVALID;
}

function goesTo(packet: Packet, tuple: Tuple): bool {
  if (packet.family == 4) return load<u32>(packet.address, Wire.IP4_DST) == <u32>tuple.dstLow;
  return (
    load<u64>(packet.address, Wire.IP6_DST) == tuple.dstLow &&
    load<u64>(packet.address, Wire.IP6_DST + 8) == tuple.dstHigh
  );
}
