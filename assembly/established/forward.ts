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
import { countMany, engine, hasFlag } from "../memory/engine";
import { packetAt, readDescriptor } from "../packet";
import { isForOtherMac } from "../pipeline/link";
import { activeProgram } from "../rules/program";
import { areChecksumsRight4 } from "../wire/checksum4";
import { foundInGroup } from "./group";
import { rewriteEstablished } from "./rewrite";

/** Packets and bytes that went the short way and are not in the engine's counters yet. */
let packets: u32 = 0;
let packetBytes: u64 = 0;

/** Forwards the i-th packet of the probed group if it can go the short way. False: nothing has been changed. */
export function forwardEstablished(descriptor: usize, i: u32): bool {
  const linkBytes: u32 = load<u16>(descriptor, Descriptor.LINK_BYTES);
  const frame: usize = load<u32>(descriptor, Descriptor.FRAME);
  const packet = frame + linkBytes;
  const found = foundInGroup(i, packet);
  if (found == 0) return false;
  const connection = found & ~1;
  const direction = <u32>found & 1;
  if (!isWayCached(connection, direction) || load<u8>(packet, Wire.IP4_TTL) <= 1) return false;
  const bytes: u32 = bswap<u16>(load<u16>(packet, Wire.IP4_TOTAL_LENGTH));
  const adjacency = cachedAdjacency(connection, direction);
  if (bytes > load<u32>(descriptor, Descriptor.FRAME_BYTES) - linkBytes) return false;
  if (bytes > load<u32>(adjacency, Program.ADJACENCY_MTU) || mayHaveBeenTooBig(bytes)) return false;
  if (isForOtherMac(frame, load<u16>(descriptor, Descriptor.LINK_TYPE), load<u16>(descriptor, Descriptor.IN_INTERFACE))) return false;
  advanceClock(load<u64>(descriptor, Descriptor.TIME));
  if (!trackPlain(packet, bytes, connection, direction)) return false;
  rewriteEstablished(packet, connection, direction);
  const outputBegin = load<u32>(engine, Engine.OUTPUT_USED);
  if (hasFlag(Engine.ENGINE_EMIT)) emitEstablished(descriptor, bytes, adjacency);
  writeVerdict(descriptor, connection, direction, load<u16>(adjacency, Program.ADJACENCY_INTERFACE), bytes, outputBegin);
  packets++;
  packetBytes += bytes;
  return true;
}

/** A capture that is followed may show that a link took less than the program says (follow/mtu.ts). */
function mayHaveBeenTooBig(bytes: u32): bool {
  return bytes > Wire.IP4_MTU_MIN && hasFlag(Engine.ENGINE_FOLLOW);
}

/** Adds the packets that went the short way since the last call to the engine's counters. */
export function countForwarded(): void {
  if (packets == 0) return;
  countMany(Engine.PACKETS, packets);
  countMany(Engine.PACKET_BYTES, packetBytes);
  countMany(Engine.VERDICTS + (Verdict.VERDICT_FORWARD << 3), packets);
  countMany(Engine.REASONS + (Verdict.REASON_NONE << 3), packets);
  countMany(Engine.FAST_PACKETS, packets);
  packets = 0;
  packetBytes = 0;
}

/** The connection's packets of this direction meet no rule of the active program, and the way out is known. */
function isWayCached(connection: usize, direction: u32): bool {
  if (load<u16>(connection, Connection.GENERATION) != <u16>load<u32>(engine, Engine.GENERATION)) return false;
  return (load<u8>(connection, Connection.FAST) & (Connection.FAST_ORIGINAL << direction)) != 0;
}

function cachedAdjacency(connection: usize, direction: u32): usize {
  const index: usize = load<u16>(connection + (<usize>direction << 1), Connection.ADJACENCY);
  return activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES) + index * Program.ADJACENCY_SIZE;
}

/** Verifies the checksums and lets the connection's tracker have the packet. False: it is not plain. */
function trackPlain(packet: usize, bytes: u32, connection: usize, direction: u32): bool {
  const header = packet + Wire.IP4_SIZE;
  const left = bytes - Wire.IP4_SIZE;
  const isTcp = load<u8>(connection, Connection.PROTOCOL) == Protocol.TCP;
  if (bytes < Wire.IP4_SIZE + (isTcp ? Wire.TCP_SIZE : Wire.UDP_SIZE)) return false;
  if (!isTcp && <u32>bswap<u16>(load<u16>(header, Wire.UDP_LENGTH)) != left) return false;
  if (!areChecksumsRight4(packet, bytes, hasFlag(Engine.ENGINE_CHECKSUM))) return false;
  return FAST_DONE == (isTcp
    ? trackEstablishedTcp(connection, direction, header, left, bytes)
    : trackEstablishedUdp(connection, direction, bytes));
}

/** The packet as the output knows it; the hooks' own fields are not needed. */
function emitEstablished(descriptor: usize, bytes: u32, adjacency: usize): void {
  const packet = packetAt(0);
  readDescriptor(packet, descriptor);
  packet.bytes = bytes;
  packet.family = 4;
  packet.outInterface = load<u16>(adjacency, Program.ADJACENCY_INTERFACE);
  packet.adjacency = adjacency;
  emitPacket(packet);
}

/** One byte each, in the descriptor's order: VERDICT, REASON, CT, DIRECTION. */
const FORWARDED: u32 = Verdict.VERDICT_FORWARD | (Verdict.REASON_NONE << 8) | (State.CT_ESTABLISHED << 16);

function writeVerdict(descriptor: usize, connection: usize, direction: u32, leaving: u32, bytes: u32, outputBegin: u32): void {
  store<u32>(descriptor, FORWARDED | (direction << 24), Descriptor.VERDICT);
  store<u32>(descriptor, connectionIndex(connection), Descriptor.CONNECTION);
  store<u32>(descriptor, leaving, Descriptor.OUT_INTERFACE); // and nothing in REFUSED_CHOICE
  store<u32>(descriptor, bytes, Descriptor.PACKET_BYTES);
  store<u32>(descriptor, outputBegin, Descriptor.OUTPUT_BEGIN);
  store<u32>(descriptor, load<u32>(engine, Engine.OUTPUT_USED), Descriptor.OUTPUT_END);
  store<u32>(descriptor, 0, Descriptor.RULE);
}
