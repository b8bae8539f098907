/**
 * Connections that the node's own processes open without --from-host showing it: a capture holds only what left of them.
 * Their packets are adopted, with the tuples that they left with, so that the replies find the connection that they
 * belong to instead of a closed port.
 */

import * as Connection from "../layout/connection";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { confirm, forgetUnconfirmed } from "../conntrack/confirm";
import { findTuple } from "../conntrack/table";
import { track } from "../conntrack/track";
import { TUPLE_SIZE, Tuple, invertTuple, tupleOfPacket } from "../conntrack/tuple";
import { ORIGIN_NODE, Packet } from "../packet";
import { addressType } from "../route/type";
import { wasInput } from "./inputs";

const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

/** Tracks a parsed outbound packet if it belongs to such a connection, or begins one. */
export function adoptOutbound(packet: Packet): bool {
  if (packet.fragmentOffset != 0 || !isFromNode(packet)) return false;
  const tuple = changetype<Tuple>(tuples);
  const reply = changetype<Tuple>(tuples + TUPLE_SIZE);
  if (!tupleOfPacket(packet, tuple) || !invertTuple(tuple, reply)) return false;
  const found = findTuple(reply) & ~1;
  const isAdopted = found != 0 && load<u8>(found, Connection.ORIGIN) == Connection.ORIGIN_ADOPTED;
  if (found != 0 ? !isAdopted : !isBeginning(packet) || wasInput(packet)) return false;
  packet.origin = ORIGIN_NODE;
  if (track(packet) != Verdict.REASON_NONE || packet.connection == 0) return true;
  store<u8>(packet.connection, Connection.ORIGIN_ADOPTED, Connection.ORIGIN);
  confirm(packet);
  forgetUnconfirmed(packet);
  return true;
}

function isFromNode(packet: Packet): bool {
  const src = packet.address + (packet.family == 4 ? Wire.IP4_SRC : Wire.IP6_SRC);
  return addressType(packet.family, src) == Program.ROUTE_LOCAL;
}

/** A packet with which a process begins a conversation. */
function isBeginning(packet: Packet): bool {
  const header = packet.address + packet.transport;
  if (packet.protocol == Protocol.UDP) return true;
  if (packet.bytes - packet.transport < Wire.TCP_SIZE) return false;
  return packet.protocol == Protocol.TCP && (load<u8>(header, Wire.TCP_FLAGS) & (Wire.TCP_SYN | Wire.TCP_ACK)) == Wire.TCP_SYN;
}
