/** What rewrite.ts does to IPv4 packets, to an IPv6 packet: it has no checksum of its header, and longer addresses. */

import * as Connection from "../layout/connection";
import * as Wire from "../layout/wire";
import { otherHalf, recordOf } from "../conntrack/half";
import { copy16 } from "../memory/words";
import { otherAddresses } from "./group6";
import { NAT_BITS, complementOf, rewriteTransportChecksum } from "./rewrite";

/** Gives the packet, whose tuple stands at `half` and `addresses`, the other direction's, and takes a hop from its limit. */
export function rewriteEstablished6(packet: usize, half: usize, addresses: usize, isTcp: bool): void {
  const connection = recordOf(half);
  store<u8>(packet, <u32>load<u8>(packet, Wire.IP6_HOP_LIMIT) - 1, Wire.IP6_HOP_LIMIT);
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) == 0) return;
  const others = otherAddresses(addresses);
  copy16(packet + Wire.IP6_SRC, others + 16);
  copy16(packet + Wire.IP6_DST, others);
  store<u32>(packet, rotr<u32>(load<u32>(otherHalf(half), Connection.SRC_PORT), 16), Wire.IP6_SIZE);
  const sum = load<u16>(connection, Connection.TUPLE_SUM) ^ complementOf(half);
  rewriteTransportChecksum(packet + Wire.IP6_SIZE, isTcp, sum);
}
