/** Forwards an IPv4 packet in place: the connection's NAT at both ends, and one hop off its TTL, in one sum (RFC 1624). */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { foldWords } from "../wire/checksum";

const NAT_BITS: u32 = Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT;
/** What a TTL that is one less adds to the sum of the header's words: minus one, in one's complement. */
const ONE_HOP_LESS: u32 = 0xfffe;
/** A one's-complement zero that keeps the sum of nothing from being zero. */
const ZERO: u32 = 0xffff;
const CHECKSUM_SHIFT: u32 = 16;
if (Wire.IP4_CHECKSUM != Wire.IP4_TTL + 2) ERROR("TTL, protocol and checksum are not one word");

/** Keeps in the record what rewriteEstablished() will add to the checksums. */
export function cacheSums(connection: usize): void {
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) == 0) return;
  const reply = connection + Connection.REPLY;
  const addresses = difference(load<u64>(connection), load<u64>(reply));
  const ports = difference(load<u32>(connection, Connection.SRC_PORT), load<u32>(reply, Connection.SRC_PORT));
  store<u16>(connection, foldWords(addresses), Connection.ADDRESS_SUM);
  store<u16>(connection, foldWords(addresses + ports), Connection.TUPLE_SUM);
}

/** Sum of ~from and to, as words of 32 bits. In which order their halves stand does not matter. */
function difference(from: u64, to: u64): u64 {
  return <u64>(~<u32>from) + <u64>(~<u32>(from >> 32)) + <u64>(<u32>to) + <u64>(<u32>(to >> 32));
}

/**
 * Gives the packet, of a direction of a confirmed connection, the addresses and ports that the other direction answers
 * to, and takes one from its TTL. The steps that the hooks take one after the other come to the same bytes.
 */
export function rewriteEstablished(packet: usize, connection: usize, direction: u32, isTcp: bool): void {
  const complement = 0 - direction;
  const isTranslated = (load<u16>(connection, Connection.STATUS) & NAT_BITS) != 0;
  const word = load<u32>(packet, Wire.IP4_TTL);
  const checksum = replaced(word >> CHECKSUM_SHIFT, ONE_HOP_LESS + (isTranslated ? sumOf(connection, Connection.ADDRESS_SUM, complement) : 0));
  store<u32>(packet, ((word & 0xffff) - 1) | (checksum << CHECKSUM_SHIFT), Wire.IP4_TTL);
  if (!isTranslated) return;
  const other = connection + (<usize>(direction ^ 1) << Connection.TUPLE_LOG2);
  store<u64>(packet, rotr<u64>(load<u64>(other), 32), Wire.IP4_SRC);
  store<u32>(packet, rotr<u32>(load<u32>(other, Connection.SRC_PORT), 16), Wire.IP4_SIZE);
  rewriteTransportChecksum(packet + Wire.IP4_SIZE, isTcp, sumOf(connection, Connection.TUPLE_SUM, complement) + ZERO);
}

function sumOf(connection: usize, field: usize, complement: u32): u32 {
  return (load<u16>(connection + field) ^ complement) & 0xffff;
}

function rewriteTransportChecksum(header: usize, isTcp: bool, sum: u32): void {
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
  const total = (checksum ^ 0xffff) + sum;
  const folded = (total & 0xffff) + (total >> 16);
  return ((folded & 0xffff) + (folded >> 16)) ^ 0xffff;
}
