/** Forwards an IPv4 packet in place: the connection's NAT at both ends, and one hop off its TTL, in one sum (RFC 1624). */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { directionOf, otherHalf, recordOf } from "../conntrack/half";
import { addressesOf, familyOf } from "../conntrack/tuple";
import { foldWords } from "../wire/checksum";

export const NAT_BITS: u32 = Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT;
/** What a TTL that is one less adds to the sum of the header's words: minus one, in one's complement. */
const ONE_HOP_LESS: u32 = 0xfffe;
/** A one's-complement zero that keeps the sum of nothing from being zero. */
export const ZERO: u32 = 0xffff;
const CHECKSUM_SHIFT: u32 = 16;
if (Wire.IP4_CHECKSUM != Wire.IP4_TTL + 2) ERROR("TTL, protocol and checksum are not one word");

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
  const word = load<u32>(packet, Wire.IP4_TTL);
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) == 0) {
    store<u32>(packet, forwarded(word, ONE_HOP_LESS), Wire.IP4_TTL);
    return;
  }
  const complement = 0 - directionOf(half);
  store<u32>(packet, forwarded(word, ONE_HOP_LESS + sumOf(connection, Connection.ADDRESS_SUM, complement)), Wire.IP4_TTL);
  const other = otherHalf(half);
  store<u64>(packet, rotr<u64>(load<u64>(other), 32), Wire.IP4_SRC);
  store<u32>(packet, rotr<u32>(load<u32>(other, Connection.SRC_PORT), 16), Wire.IP4_SIZE);
  rewriteTransportChecksum(packet + Wire.IP4_SIZE, isTcp, sumOf(connection, Connection.TUPLE_SUM, complement) + ZERO);
}

/** TTL, protocol and checksum with one hop less and the sum in the checksum. */
function forwarded(word: u32, sum: u32): u32 {
  return ((word & 0xffff) - 1) | (inverseFolded((~word >> CHECKSUM_SHIFT) + sum) & 0xffff0000);
}

export function sumOf(connection: usize, field: usize, complement: u32): u32 {
  return (load<u16>(connection + field) ^ complement) & 0xffff;
}

export function rewriteTransportChecksum(header: usize, isTcp: bool, sum: u32): void {
  if (isTcp) {
    store<u16>(header, replaced(load<u16>(header, Wire.TCP_CHECKSUM), sum), Wire.TCP_CHECKSUM);
    return;
  }
  const checksum: u32 = load<u16>(header, Wire.UDP_CHECKSUM);
  if (checksum == 0) return;
  const fresh = replaced(checksum, sum);
  store<u16>(header, fresh == 0 ? 0xffff : fresh, Wire.UDP_CHECKSUM);
}

/** HC' = ~(~HC + ~m + m'). `sum` is not zero. */
function replaced(checksum: u32, sum: u32): u32 {
  return inverseFolded((checksum ^ 0xffff) + sum) >> 16;
}

/** The complement of a sum folded to 16 bits, in the upper half. */
function inverseFolded(sum: u32): u32 {
  return ~(sum + rotl<u32>(sum, 16));
}
