/** Forwards an IPv4 packet in place: the connection's NAT at both ends, and one hop off its TTL, in one sum (RFC 1624). */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { otherHalf, recordOf } from "../conntrack/half";
import { addressesOf, familyOf } from "../conntrack/tuple";
import { foldWords } from "../wire/checksum";

export const NAT_BITS: u32 = Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT;
/** What a TTL that is one less adds to the sum of the header's words: minus one, in one's complement. */
const ONE_HOP_LESS: u32 = 0xfffe;
/** A one's-complement zero that keeps the sum of nothing from being zero. */
const ZERO: u32 = 0xffff;

/** Keeps in the record what rewriteEstablished() will add to the checksums. */
export function cacheSums(connection: usize): void {
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) == 0) return;
  const reply = connection + Connection.REPLY;
  const addresses = familyOf(connection) == 4
    ? difference(load<u64>(connection), load<u64>(reply))
    : difference6(addressesOf(connection, State.DIRECTION_ORIGINAL), addressesOf(connection, State.DIRECTION_REPLY));
  const ports = difference(load<u32>(connection, Connection.SRC_PORT), load<u32>(reply, Connection.SRC_PORT));
  store<u16>(connection, foldWords(addresses), Connection.ADDRESS_SUM);
  store<u16>(connection, foldWords(addresses + ports), Connection.TUPLE_SUM);
}

/** Sum of ~from and to, as words of 32 bits. In which order their halves stand does not matter. */
function difference(from: u64, to: u64): u64 {
  return <u64>(~<u32>from) + <u64>(~<u32>(from >> 32)) + <u64>(<u32>to) + <u64>(<u32>(to >> 32));
}

/** The same of 32 bytes each. */
function difference6(from: usize, to: usize): u64 {
  let sum: u64 = 0;
  for (let at: usize = 0; at < 1 << Connection.ADDRESSES_TUPLE_LOG2; at += 8) sum += difference(load<u64>(from + at), load<u64>(to + at));
  return sum;
}

/**
 * Gives the packet, whose tuple stands at `half`, the addresses and ports that the other direction answers to, and takes
 * one from its TTL. The steps that the hooks take one after the other come to the same bytes.
 */
export function rewriteEstablished(packet: usize, half: usize, isTcp: bool): void {
  const connection = recordOf(half);
  let sum = ONE_HOP_LESS;
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) != 0) {
    const complement = complementOf(half);
    const other = otherHalf(half);
    sum += load<u16>(connection, Connection.ADDRESS_SUM) ^ complement;
    store<u64>(packet, rotr<u64>(load<u64>(other), 32), Wire.IP4_SRC);
    store<u32>(packet, rotr<u32>(load<u32>(other, Connection.SRC_PORT), 16), Wire.IP4_SIZE);
    rewriteTransportChecksum(packet + Wire.IP4_SIZE, isTcp, load<u16>(connection, Connection.TUPLE_SUM) ^ complement);
  }
  store<u8>(packet, load<u8>(packet, Wire.IP4_TTL) - 1, Wire.IP4_TTL);
  store<u16>(packet, replaced(load<u16>(packet, Wire.IP4_CHECKSUM), sum), Wire.IP4_CHECKSUM);
}

/** What makes a record's sum that of the other way: all ones for REPLY. */
export function complementOf(half: usize): u32 {
  return (0 - (<u32>half & Connection.REPLY)) >>> 16;
}

/** UDP's checksum is never zero, which would say that there is none: HC' = HC + ~(~m + m'). */
export function rewriteTransportChecksum(header: usize, isTcp: bool, sum: u32): void {
  if (isTcp) {
    store<u16>(header, replaced(load<u16>(header, Wire.TCP_CHECKSUM), sum + ZERO), Wire.TCP_CHECKSUM);
  } else {
    const checksum: u32 = load<u16>(header, Wire.UDP_CHECKSUM);
    if (checksum != 0) store<u16>(header, folded(checksum + (sum ^ 0xffff)) >> 16, Wire.UDP_CHECKSUM);
  }
}

/** HC' = ~(~HC + ~m + m'). `sum` is not zero. */
function replaced(checksum: u32, sum: u32): u32 {
  return ~folded((checksum ^ 0xffff) + sum) >> 16;
}

/** A sum folded to 16 bits, in the upper half. */
function folded(sum: u32): u32 {
  return sum + rotl<u32>(sum, 16);
}
