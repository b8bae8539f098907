/** Rewrites packets of translated connections: what arrives is given the looks that the other direction expects. */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { enterAh, isBehindAh, leaveAh } from "../conntrack/extensions";
import { halfOf } from "../conntrack/half";
import { TUPLE_SIZE, Tuple, invertTuple, tupleOfConnection } from "../conntrack/tuple";
import { Packet } from "../packet";
import { rewriteError } from "./error";
import { rewriteIp } from "./header";
import { isPlain, rewriteEnd4 } from "./plain";
import { natBit } from "./setup";

/** Both NAT bits of a connection's status: a packet of the reply direction is changed where the other end was. */
const NAT_BITS: u32 = Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT;

const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

/**
 * nf_nat_packet: gives the packet's source (NAT_SRC) or destination (NAT_DST) the value that the connection's other
 * direction answers to, if it is translated there. ICMP errors are rewritten inside as well. False: it must be dropped.
 */
export function rewritePacket(packet: Packet, kind: u32): bool {
  return isBehindAh(packet) ? rewriteBehindAh(packet, kind) : rewrite(packet, kind);
}

/** NAT writes to what AH protects, be it right or not (nf_nat_ipv6_fn). */
function rewriteBehindAh(packet: Packet, kind: u32): bool {
  const transport = packet.transport;
  if (!enterAh(packet)) return true;
  const isRewritten = rewrite(packet, kind);
  leaveAh(packet, transport);
  return isRewritten;
}

function rewrite(packet: Packet, kind: u32): bool {
  if (packet.ct == State.CT_RELATED && isIcmp(packet.protocol)) return rewriteError(packet, kind);
  if (!isTranslated(packet, kind)) return true;
  if (isPlain(packet)) {
    rewriteEnd4(packet, halfOf(packet.connection, packet.direction ^ 1), kind);
    return true;
  }
  const tuple = changetype<Tuple>(tuples);
  const target = changetype<Tuple>(tuples + TUPLE_SIZE);
  tupleOfConnection(packet.connection, packet.direction ^ 1, tuple);
  invertTuple(tuple, target);
  return rewriteIp(packet.address, packet.bytes, packet.transport, target, kind);
}

/** Whether packets of this one's direction are changed at this end. */
export function isTranslated(packet: Packet, kind: u32): bool {
  let bit = natBit(kind);
  if (packet.direction == State.DIRECTION_REPLY) bit ^= NAT_BITS;
  return (load<u16>(packet.connection, Connection.STATUS) & bit) != 0;
}

function isIcmp(protocol: u32): bool {
  return protocol == Protocol.ICMP || protocol == Protocol.ICMP6;
}
