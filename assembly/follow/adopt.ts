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
import { refresh } from "../conntrack/outcome";
import { createConnection, findTuple } from "../conntrack/table";
import { track } from "../conntrack/track";
import { TUPLE_SIZE, Tuple, invertTuple, tupleOfConnection, tupleOfPacket } from "../conntrack/tuple";
import { timeoutMilliseconds } from "../memory/engine";
import { tupleDst, tupleSrc } from "../nat/tuples";
import { ORIGIN_NODE, Packet } from "../packet";
import { addressType } from "../route/type";
import { forgetInput, wasInput } from "./inputs";
import { isRememberedPiece, rememberPieces } from "./pieces";

const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

/** Tracks a parsed outbound packet if it belongs to such a connection, or begins one. */
export function adoptOutbound(packet: Packet): bool {
  if (packet.fragmentOffset != 0) return isRememberedPiece(packet);
  const tuple = changetype<Tuple>(tuples);
  const reply = changetype<Tuple>(tuples + TUPLE_SIZE);
  if (!tupleOfPacket(packet, tuple) || !invertTuple(tuple, reply)) return false;
  const entry = findTuple(reply);
  const found = entry & ~1;
  if (isToItself(entry)) return trackToItself(packet, found);
  const isAdopted = found != 0 && load<u8>(found, Connection.ORIGIN) == Connection.ORIGIN_ADOPTED;
  if (found != 0 && !isAdopted) {
    forgetInput(packet);
    return false;
  }
  if (!isFromNode(packet)) return false;
  if (found == 0 && (!isBeginning(packet) || wasInput(packet))) return false;
  packet.origin = ORIGIN_NODE;
  if (packet.moreFragments != 0) {
    rememberPieces(packet);
    if (!trackFirstPiece(packet, found, tuple, reply)) return true;
  } else if (track(packet) != Verdict.REASON_NONE || packet.connection == 0) {
    return true;
  }
  store<u8>(packet.connection, Connection.ORIGIN_ADOPTED, Connection.ORIGIN);
  confirm(packet);
  forgetUnconfirmed(packet);
  return true;
}

/** An answer to a process of the node that leaves the node: it can only leave it over loopback. */
function isToItself(entry: usize): bool {
  const found = entry & ~1;
  if (found == 0 || (<u32>entry & 1) != State.DIRECTION_ORIGINAL) return false;
  return load<u8>(found, Connection.ORIGIN) == Connection.ORIGIN_NODE;
}

/**
 * There the answer has been translated back already, and --from-host need not show it: it is tracked as it was when it
 * was sent.
 */
function trackToItself(packet: Packet, connection: usize): bool {
  const reply = changetype<Tuple>(tuples);
  tupleOfConnection(connection, State.DIRECTION_REPLY, reply);
  const bytes: u32 = packet.family == 4 ? 4 : 16;
  const addresses = packet.address + (packet.family == 4 ? Wire.IP4_SRC : Wire.IP6_SRC);
  memory.copy(addresses, tupleSrc(reply), bytes);
  memory.copy(addresses + bytes, tupleDst(reply), bytes);
  if (packet.protocol == Protocol.TCP || packet.protocol == Protocol.UDP) {
    store<u32>(packet.address + packet.transport, reply.srcPort | (reply.dstPort << 16));
  }
  packet.origin = ORIGIN_NODE;
  track(packet);
  return true;
}

/** A datagram in fragments was tracked whole, before it was cut: its first piece stands for it. */
function trackFirstPiece(packet: Packet, found: usize, tuple: Tuple, reply: Tuple): bool {
  if (packet.protocol != Protocol.UDP) return false;
  packet.connection = found != 0 ? found : createConnection(tuple, reply);
  if (packet.connection == 0) return false;
  packet.ct = found != 0 ? State.CT_ESTABLISHED : State.CT_NEW;
  refresh(packet.connection, packet.direction, packet.bytes, timeoutMilliseconds(State.TIMEOUT_UDP));
  return true;
}

function isFromNode(packet: Packet): bool {
  const src = packet.address + (packet.family == 4 ? Wire.IP4_SRC : Wire.IP6_SRC);
  return addressType(packet.family, src) == Program.ROUTE_LOCAL;
}

/** A packet with which a process begins a conversation: a datagram, a SYN, an echo request. */
function isBeginning(packet: Packet): bool {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (packet.protocol == Protocol.UDP) return true;
  if (packet.protocol == Protocol.ICMP) return bytes >= Wire.ICMP_SIZE && load<u8>(header, Wire.ICMP_TYPE) == Wire.ICMP4_ECHO;
  if (packet.protocol == Protocol.ICMP6) return bytes >= Wire.ICMP_SIZE && load<u8>(header, Wire.ICMP_TYPE) == Wire.ICMP6_ECHO;
  if (packet.protocol != Protocol.TCP || bytes < Wire.TCP_SIZE) return false;
  return (load<u8>(header, Wire.TCP_FLAGS) & (Wire.TCP_SYN | Wire.TCP_ACK)) == Wire.TCP_SYN;
}
