/** What conntrack says of a packet when it enters the hooks: nf_conntrack_in() of nf_conntrack_core.c. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { count } from "../memory/engine";
import { ORIGIN_ENGINE, ORIGIN_WIRE, Packet } from "../packet";
import { enterAh, isBehindAh, leaveAh } from "./extensions";
import { hashTuple4 } from "./hash";
import { ICMP_DONE, ICMP_INVALID, examineIcmp, trackIcmp } from "./icmp";
import { ACCEPT, INVALID, addStatus, invalid, statusOf } from "./outcome";
import { trackSctp } from "./sctp";
import { createConnection, createConnection4, discardConnection, findTuple4, reap } from "./table";
import { trackTcp } from "./tcp";
import { Tuple, invertTuple, tupleOfPacket } from "./tuple";
import { trackGeneric, trackGre, trackUdp, trackUdpLite } from "./udp";
import { findInZone, hasZones, setConnectionZone } from "./zones";

/** A connection that a SYN replaces is gone when the search repeats: the second time it cannot be replaced again. */
const REPEATS_MAX: u32 = 2;

const originalTuple: usize = memory.data(48, 16);
const replyTuple: usize = memory.data(48, 16);

/**
 * Finds or creates the packet's connection and runs the protocol's tracker: sets ct, connection and direction. An
 * invalid packet has no connection and goes on. REASON_NONE, or why the packet is dropped: the table is full.
 */
export function track(packet: Packet): u32 {
  if (packet.ct != State.CT_NONE) return Verdict.REASON_NONE;
  if (packet.origin != ORIGIN_ENGINE) reap();
  if (packet.fragmentOffset != 0 || (packet.family == 6 && packet.protocol == Protocol.NO_NEXT_HEADER)) return markWithoutTuple(packet);
  if (isBehindAh(packet)) return trackBehindAh(packet);
  return trackTransport(packet);
}

function trackTransport(packet: Packet): u32 {
  const protocol = packet.protocol;
  if ((packet.family == 4 && protocol == Protocol.ICMP) || (packet.family == 6 && protocol == Protocol.ICMP6)) {
    const examined = examineIcmp(packet);
    if (examined == ICMP_INVALID) return markInvalid(packet);
    if (examined == ICMP_DONE) return Verdict.REASON_NONE;
  }
  for (let repeats: u32 = 0; repeats < REPEATS_MAX; repeats++) {
    const reason = resolve(packet);
    if (reason != Verdict.REASON_NONE || packet.ct == State.CT_INVALID) return reason;
    const outcome = runTracker(packet);
    if (outcome == ACCEPT) {
      noteReply(packet);
      return Verdict.REASON_NONE;
    }
    if (outcome == INVALID) return refuse(packet);
    packet.connection = 0;
  }
  return Verdict.REASON_TRACKER_DROP;
}

/** resolve_normal_ct(): finds the connection or creates one, and names the packet's place in it. */
function resolve(packet: Packet): u32 {
  const reason = isPlain(packet) ? attachPlain(packet) : attach(packet);
  if (packet.connection == 0) return reason;
  const isTwoWay = packet.direction == State.DIRECTION_REPLY || (statusOf(packet.connection) & Connection.STATUS_SEEN_REPLY) != 0;
  packet.ct = isTwoWay ? State.CT_ESTABLISHED : State.CT_NEW;
  return Verdict.REASON_NONE;
}

/** TCP or UDP over IPv4 where nothing has a zone: what nearly every packet is. */
function isPlain(packet: Packet): bool {
  if (packet.family != 4 || packet.zone != 0 || hasZones()) return false;
  if (packet.protocol != Protocol.TCP && packet.protocol != Protocol.UDP) return false;
  return packet.bytes >= packet.transport + Wire.PORTS_SIZE;
}

function attachPlain(packet: Packet): u32 {
  const addresses = load<u64>(packet.address, Wire.IP4_SRC);
  const ports = load<u32>(packet.address + packet.transport);
  const hash = hashTuple4(addresses, ports, packet.protocol);
  const found = findTuple4(hash, addresses, ports, packet.protocol);
  packet.direction = <u32>found & 1;
  packet.connection = found & ~1;
  return found != 0 ? Verdict.REASON_NONE : own(packet, createConnection4(addresses, ports, packet.protocol, hash));
}

function attach(packet: Packet): u32 {
  const tuple = changetype<Tuple>(originalTuple);
  if (!tupleOfPacket(packet, tuple)) return markWithoutTuple(packet);
  const found = findInZone(packet, tuple);
  packet.connection = found & ~1;
  packet.direction = <u32>found & 1;
  if (found == 0) {
    const reply = changetype<Tuple>(replyTuple);
    if (!invertTuple(tuple, reply)) return markWithoutTuple(packet);
    return own(packet, createConnection(tuple, reply));
  }
  return Verdict.REASON_NONE;
}

/** The packet opens a connection; 0: there is no room for one. */
function own(packet: Packet, connection: usize): u32 {
  packet.connection = connection;
  if (connection == 0) {
    count(Engine.TABLE_FULL);
    return Verdict.REASON_TABLE_FULL;
  }
  setConnectionZone(connection, packet.zone);
  const origin = packet.origin == ORIGIN_WIRE ? Connection.ORIGIN_WIRE : Connection.ORIGIN_NODE;
  store<u8>(connection, origin, Connection.ORIGIN);
  return Verdict.REASON_NONE;
}

function runTracker(packet: Packet): u32 {
  const connection = packet.connection;
  const direction = packet.direction;
  const protocol = packet.protocol;
  if (protocol == Protocol.TCP) return trackTcp(packet, connection, direction);
  if (protocol == Protocol.UDP) return trackUdp(packet, connection, direction);
  if (protocol == Protocol.ICMP || protocol == Protocol.ICMP6) return trackIcmp(packet, connection, direction);
  if (protocol == Protocol.SCTP) return trackSctp(packet, connection, direction);
  if (protocol == Protocol.UDPLITE) return trackUdpLite(packet, connection, direction);
  if (protocol == Protocol.GRE) return trackGre(packet, connection, direction);
  return trackGeneric(packet, connection, direction);
}

/** From the first packet of the reply direction on, the connection is ESTABLISHED for both. */
function noteReply(packet: Packet): void {
  if (packet.direction == State.DIRECTION_REPLY) addStatus(packet.connection, Connection.STATUS_SEEN_REPLY);
}

/** The tracker wants nothing of the packet: a connection that was made for it is forgotten. */
function refuse(packet: Packet): u32 {
  if ((statusOf(packet.connection) & Connection.STATUS_CONFIRMED) == 0) discardConnection(packet.connection);
  return markInvalid(packet);
}

function markWithoutTuple(packet: Packet): u32 {
  invalid(State.INVALID_HEADER);
  return markInvalid(packet);
}

function markInvalid(packet: Packet): u32 {
  packet.ct = State.CT_INVALID;
  packet.connection = 0;
  packet.direction = State.DIRECTION_ORIGINAL;
  count(Engine.INVALID);
  return Verdict.REASON_NONE;
}

/** Rules see AH as the transport protocol, conntrack sees what AH protects (ipv6_skip_exthdr()). */
function trackBehindAh(packet: Packet): u32 {
  const transport = packet.transport;
  if (!enterAh(packet)) return markWithoutTuple(packet);
  const reason = trackTransport(packet);
  leaveAh(packet, transport);
  return reason;
}
