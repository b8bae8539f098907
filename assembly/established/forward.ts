/**
 * The short way of established connections: packets for which the hooks have nothing left to decide (FAST_* in the
 * record, see pipeline/established.ts) are checked, tracked, rewritten and sent without them. Whatever is not plain is
 * left untouched for the pipeline; a test holds both ways equal to the byte.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { emitPacket } from "../capture/emit";
import { advanceClock } from "../conntrack/clock";
import { FAST_DONE, trackEstablishedTcp, trackEstablishedUdp } from "../conntrack/established";
import { connectionIndex } from "../conntrack/table";
import { count, countMany, engine, hasFlag } from "../memory/engine";
import { Packet, packetAt, resetPacket } from "../packet";
import { isForOther } from "../pipeline/link";
import { activeProgram } from "../rules/program";
import { isIp4ChecksumRight, isTransportChecksumRight4 } from "../wire/checksum4";
import { foundInGroup } from "./group";
import { rewriteEstablished } from "./rewrite";

/** Forwards the i-th packet of the probed group if it can go the short way. False: nothing has been changed. */
export function forwardEstablished(descriptor: usize, i: u32): bool {
  const linkBytes: usize = load<u16>(descriptor, Descriptor.LINK_BYTES);
  const packet = <usize>load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
  const found = foundInGroup(i, packet);
  if (found == 0) return false;
  const connection = found & ~1;
  const direction = found & 1;
  if (!isWayCached(connection, direction) || load<u8>(packet, Wire.IP4_TTL) <= 1) return false;
  const bytes: u32 = bswap<u16>(load<u16>(packet, Wire.IP4_TOTAL_LENGTH));
  const adjacency = adjacencyOf(connection, direction);
  if (bytes > load<u32>(descriptor, Descriptor.FRAME_BYTES) - <u32>linkBytes || bytes > load<u32>(adjacency, Program.ADJACENCY_MTU)) {
    return false;
  }
  const context = openPacket(descriptor, packet, bytes);
  if (isForOther(context) || !isIp4ChecksumRight(packet)) return false;
  advanceClock(context.time);
  if (!trackPlain(packet, bytes, connection, direction)) return false;
  rewriteEstablished(packet, connection, direction);
  context.outInterface = load<u16>(adjacency, Program.ADJACENCY_INTERFACE);
  context.adjacency = adjacency;
  leave(context, descriptor, connection, <u32>direction);
  return true;
}

/** The connection's packets of this direction meet no rule of the active program, and the way out is known. */
function isWayCached(connection: usize, direction: usize): bool {
  if (load<u16>(connection, Connection.GENERATION) != <u16>load<u32>(engine, Engine.GENERATION)) return false;
  return (load<u8>(connection, Connection.FAST) & (Connection.FAST_ORIGINAL << <u32>direction)) != 0;
}

function adjacencyOf(connection: usize, direction: usize): usize {
  const index: usize = load<u16>(connection + (direction << 1), Connection.ADJACENCY);
  return activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES) + index * Program.ADJACENCY_SIZE;
}

/** The packet as the link and the output know it; the hooks' own fields are not needed. */
function openPacket(descriptor: usize, address: usize, bytes: u32): Packet {
  const packet = packetAt(0);
  resetPacket(packet);
  packet.frame = load<u32>(descriptor, Descriptor.FRAME);
  packet.linkBytes = load<u16>(descriptor, Descriptor.LINK_BYTES);
  packet.linkType = load<u16>(descriptor, Descriptor.LINK_TYPE);
  packet.flags = 0;
  packet.address = address;
  packet.bytes = bytes;
  packet.family = 4;
  packet.time = load<u64>(descriptor, Descriptor.TIME);
  packet.inInterface = load<u16>(descriptor, Descriptor.IN_INTERFACE);
  return packet;
}

/** Verifies the checksum and lets the connection's tracker have the packet. False: it is not plain. */
function trackPlain(packet: usize, bytes: u32, connection: usize, direction: usize): bool {
  const header = packet + Wire.IP4_SIZE;
  const left = bytes - Wire.IP4_SIZE;
  const isTcp = load<u8>(connection, Connection.PROTOCOL) == Protocol.TCP;
  if (bytes < Wire.IP4_SIZE + (isTcp ? Wire.TCP_SIZE : Wire.UDP_SIZE)) return false;
  if (!isTcp && <u32>bswap<u16>(load<u16>(header, Wire.UDP_LENGTH)) != left) return false;
  if (hasFlag(Engine.ENGINE_CHECKSUM) && !isTransportChecksumRight4(packet, bytes)) return false;
  return FAST_DONE == (isTcp
    ? trackEstablishedTcp(connection, <u32>direction, header, left, bytes)
    : trackEstablishedUdp(connection, <u32>direction, bytes));
}

/** Sends the packet, fills in its descriptor and counts it. */
function leave(packet: Packet, descriptor: usize, connection: usize, direction: u32): void {
  const outputBegin = load<u32>(engine, Engine.OUTPUT_USED);
  if (hasFlag(Engine.ENGINE_EMIT)) emitPacket(packet);
  store<u8>(descriptor, <u8>Verdict.VERDICT_FORWARD, Descriptor.VERDICT);
  store<u8>(descriptor, <u8>Verdict.REASON_NONE, Descriptor.REASON);
  store<u8>(descriptor, <u8>State.CT_ESTABLISHED, Descriptor.CT);
  store<u8>(descriptor, <u8>direction, Descriptor.DIRECTION);
  store<u32>(descriptor, connectionIndex(connection), Descriptor.CONNECTION);
  store<u16>(descriptor, <u16>packet.outInterface, Descriptor.OUT_INTERFACE);
  store<u32>(descriptor, packet.bytes, Descriptor.PACKET_BYTES);
  store<u32>(descriptor, outputBegin, Descriptor.OUTPUT_BEGIN);
  store<u32>(descriptor, load<u32>(engine, Engine.OUTPUT_USED), Descriptor.OUTPUT_END);
  store<u32>(descriptor, 0, Descriptor.RULE);
  count(Engine.PACKETS);
  countMany(Engine.PACKET_BYTES, packet.bytes);
  count(Engine.VERDICTS + (Verdict.VERDICT_FORWARD << 3));
  count(Engine.REASONS + (Verdict.REASON_NONE << 3));
  count(Engine.FAST_PACKETS);
}
