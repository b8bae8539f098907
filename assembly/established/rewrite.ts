/** Forwards an IPv4 packet in place: the connection's NAT at both ends, and one hop off its TTL, in one sum (RFC 1624). */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";

const NAT_BITS: u32 = Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT;
/** What a TTL that is one less adds to the sum of the header's words: minus one, in one's complement. */
const ONE_HOP_LESS: u64 = 0xfffe;
/** A one's-complement zero that keeps the sum of nothing from being zero. */
const ZERO: u64 = 0xffff;

/**
 * Gives the packet, of a direction of a confirmed connection, the addresses and ports that the other direction answers
 * to, and takes one from its TTL. The steps that the hooks take one after the other come to the same bytes.
 */
export function rewriteEstablished(packet: usize, connection: usize, direction: u32): void {
  store<u8>(packet, load<u8>(packet, Wire.IP4_TTL) - 1, Wire.IP4_TTL);
  let ipSum: u64 = ONE_HOP_LESS;
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) != 0) {
    const other = connection + (<usize>(direction ^ 1) << Connection.TUPLE_LOG2);
    const addresses = rotr<u64>(load<u64>(other), 32);
    const ports = rotr<u32>(load<u32>(other, Connection.SRC_PORT), 16);
    const addressSum = difference(load<u64>(packet, Wire.IP4_SRC), addresses);
    const portSum = difference(load<u32>(packet, Wire.IP4_SIZE), ports);
    ipSum += addressSum;
    store<u64>(packet, addresses, Wire.IP4_SRC);
    store<u32>(packet, ports, Wire.IP4_SIZE);
    rewriteTransportChecksum(packet + Wire.IP4_SIZE, load<u8>(connection, Connection.PROTOCOL), addressSum + portSum);
  }
  store<u16>(packet, replaced(load<u16>(packet, Wire.IP4_CHECKSUM), ipSum), Wire.IP4_CHECKSUM);
}

function rewriteTransportChecksum(header: usize, protocol: u32, sum: u64): void {
  if (protocol == Protocol.TCP) {
    store<u16>(header, replaced(load<u16>(header, Wire.TCP_CHECKSUM), sum), Wire.TCP_CHECKSUM);
    return;
  }
  const checksum: u32 = load<u16>(header, Wire.UDP_CHECKSUM);
  if (checksum == 0) return;
  const fresh = replaced(checksum, sum);
  store<u16>(header, fresh == 0 ? 0xffff : fresh, Wire.UDP_CHECKSUM);
}

/** Sum of ~from and to, as words of 32 bits. */
function difference(from: u64, to: u64): u64 {
  return <u64>(~<u32>from) + <u64>(~<u32>(from >> 32)) + <u64>(<u32>to) + <u64>(<u32>(to >> 32));
}

/** HC' = ~(~HC + ~m + m'). */
function replaced(checksum: u32, sum: u64): u32 {
  const total = (<u64>~checksum & 0xffff) + sum + ZERO;
  const half = <u32>(total & 0xffff) + <u32>((total >> 16) & 0xffff) + <u32>(total >> 32);
  const folded = (half & 0xffff) + (half >> 16);
  return ((folded & 0xffff) + (folded >> 16)) ^ 0xffff;
}
