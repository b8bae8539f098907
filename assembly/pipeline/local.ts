/** Packets that reach the node's own stack, and what it says to them where that is sure. */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { isShownOpen } from "../follow/sockets";
import { hasFlag } from "../memory/engine";
import { Packet, finish } from "../packet";
import { activeProgram } from "../rules/program";
import { hasElement } from "../rules/sets";
import { transportChecksumValid } from "../wire/checksum";
import { hasTcpHeader } from "../wire/tcp";
import { UdpHeader, coverageOf, hasUdpHeader } from "../wire/udp";
import { answerClosedPort, answerEcho, answerError } from "./answers";
import { EXTENSIONS_DROPPED, EXTENSIONS_REPORTED, acceptExtensions, protocolField } from "./extensions";
import { routeType } from "./routing";

/** Protocol Independent Multicast: the node's multicast routing takes it. */
const PIM: u32 = 103;
/** ICMP codes. */
const PROTOCOL_UNREACHABLE: u32 = 2;
const PORT_UNREACHABLE: u32 = 3;
const PORT_UNREACHABLE6: u32 = 4;
const UNKNOWN_NEXT_HEADER6: u32 = 1;

const socketKey: usize = memory.data(8, 8);

/** Gives a packet that has passed INPUT its verdict. */
export function deliver(packet: Packet): void {
  finish(packet, Verdict.VERDICT_LOCAL, receiveLocally(packet));
}

function receiveLocally(packet: Packet): u32 {
  if (isForOwnConnection(packet)) return Verdict.REASON_OWN_SOCKET;
  // IPv6 routers have an anycast address in each of their subnets, too (RFC 4291 2.6.1).
  const isAnycast = packet.family == 6 && routeType(packet) == Program.ROUTE_ANYCAST;
  if ((!isAnycast && routeType(packet) != Program.ROUTE_LOCAL) || (packet.flags & Descriptor.FLAG_MULTICAST) != 0) {
    return Verdict.REASON_LOCAL_SILENT;
  }
  const extensions = acceptExtensions(packet);
  if (extensions == EXTENSIONS_REPORTED) return Verdict.REASON_IP6_EXTENSION;
  if (extensions == EXTENSIONS_DROPPED) return Verdict.REASON_LOCAL_SILENT;
  const protocol = packet.protocol;
  // TCP neither connects nor resets there (ipv6_unicast_destination).
  if (protocol == Protocol.TCP) return isAnycast ? Verdict.REASON_LOCAL_SILENT : receiveTcp(packet);
  if (protocol == Protocol.UDP || protocol == Protocol.UDPLITE) return receiveUdp(packet);
  if (protocol == (packet.family == 4 ? Protocol.ICMP : Protocol.ICMP6)) return receiveIcmp(packet);
  return receiveUnknown(packet);
}

/** An answer to a packet that a process of the node has sent. */
function isForOwnConnection(packet: Packet): bool {
  if (packet.connection == 0 || packet.direction != State.DIRECTION_REPLY) return false;
  return load<u8>(packet.connection, Connection.ORIGIN) != Connection.ORIGIN_WIRE;
}

function receiveTcp(packet: Packet): u32 {
  const header = packet.address + packet.transport;
  if (!hasTcpHeader(header, packet.bytes - packet.transport)) return Verdict.REASON_LOCAL_SILENT;
  if (isOpen(packet)) return Verdict.REASON_NONE;
  return answerClosedPort(packet) ? Verdict.REASON_CLOSED_PORT : Verdict.REASON_LOCAL_SILENT;
}

function receiveUdp(packet: Packet): u32 {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  const isUdp = packet.protocol == Protocol.UDP;
  const isJumbo = isUdp && isJumbo6(packet);
  const isThere = isUdp ? isJumbo || hasUdpHeader(header, bytes) : coverageOf(header, bytes) != 0;
  if (!isThere) return Verdict.REASON_LOCAL_SILENT;
  // What the datagram does not claim is cut off, and not quoted either (__udp4_lib_rcv, __udp6_lib_rcv).
  if (isUdp && !isJumbo) packet.bytes = packet.transport + changetype<UdpHeader>(header).length;
  if (!transportChecksumValid(packet) || isMissingChecksum6(packet)) return Verdict.REASON_LOCAL_SILENT;
  if (isOpen(packet)) return Verdict.REASON_NONE;
  const isIp4 = packet.family == 4;
  const type = isIp4 ? Wire.ICMP4_UNREACHABLE : Wire.ICMP6_UNREACHABLE;
  const sent = answerError(packet, type, isIp4 ? PORT_UNREACHABLE : PORT_UNREACHABLE6);
  return sent ? Verdict.REASON_CLOSED_PORT : Verdict.REASON_LOCAL_SILENT;
}

/** RFC 2675 4: over IPv6, a length of zero stands for all that there is. */
function isJumbo6(packet: Packet): bool {
  if (packet.family == 4 || packet.bytes - packet.transport < Wire.UDP_SIZE) return false;
  return changetype<UdpHeader>(packet.address + packet.transport).length == 0;
}

/** RFC 8200 8.1: over IPv6, no socket takes a datagram without a checksum unless it has asked for it. */
function isMissingChecksum6(packet: Packet): bool {
  return packet.family == 6 && changetype<UdpHeader>(packet.address + packet.transport).checksum == 0;
}

/** Echo requests are answered whatever their code; nothing else is. */
function receiveIcmp(packet: Packet): u32 {
  const header = packet.address + packet.transport;
  if (packet.bytes - packet.transport < Wire.ICMP_SIZE || !transportChecksumValid(packet)) return Verdict.REASON_LOCAL_SILENT;
  const request = packet.family == 4 ? Wire.ICMP4_ECHO : Wire.ICMP6_ECHO;
  if (load<u8>(header, Wire.ICMP_TYPE) != request) return Verdict.REASON_LOCAL_SILENT;
  return answerEcho(packet) ? Verdict.REASON_ECHO : Verdict.REASON_LOCAL_SILENT;
}

/** Protocols for which the node has no receiver (ip_protocol_deliver_rcu, ip6_protocol_deliver_rcu). */
function receiveUnknown(packet: Packet): u32 {
  if (packet.protocol == PIM) return Verdict.REASON_LOCAL_SILENT;
  if (packet.family == 4) {
    if (packet.protocol == Protocol.IGMP) return Verdict.REASON_LOCAL_SILENT;
    const sent = answerError(packet, Wire.ICMP4_UNREACHABLE, PROTOCOL_UNREACHABLE);
    return sent ? Verdict.REASON_PROTOCOL_UNREACHABLE : Verdict.REASON_LOCAL_SILENT;
  }
  if (packet.protocol == Protocol.NO_NEXT_HEADER) return Verdict.REASON_LOCAL_SILENT;
  const pointer = bswap<u32>(protocolField(packet));
  const sent = answerError(packet, Wire.ICMP6_PARAMETER_PROBLEM, UNKNOWN_NEXT_HEADER6, pointer);
  return sent ? Verdict.REASON_PROTOCOL_UNREACHABLE : Verdict.REASON_LOCAL_SILENT;
}

/** Whether a socket listens where the packet goes: the snapshot says so, or what the node was seen to send. */
function isOpen(packet: Packet): bool {
  const port: u32 = load<u16>(packet.address + packet.transport, Wire.DST_PORT);
  if (hasFlag(Engine.ENGINE_FOLLOW) && isShownOpen(packet.protocol, port)) return true;
  const sockets = load<u32>(activeProgram(), Program.SOCKETS);
  if (sockets == 0) return false;
  store<u32>(socketKey, packet.protocol);
  store<u32>(socketKey, port, 4);
  return hasElement(activeProgram() + sockets, socketKey);
}
