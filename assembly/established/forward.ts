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
import { emitPacket, isOutputFull } from "../capture/emit";
import { advanceClock, isTick } from "../conntrack/clock";
import { isAlive, isPlain, trackEstablishedTcp, trackEstablishedUdp } from "../conntrack/established";
import { connectionIndex } from "../conntrack/table";
import { countMany, engine, hasFlag } from "../memory/engine";
import { packetAt, readDescriptor } from "../packet";
import { isForOtherMac } from "../pipeline/link";
import { programHas } from "../pipeline/program";
import { activeProgram } from "../rules/program";
import { isIp4ChecksumRight, isTransportChecksumRight4 } from "../wire/checksum4";
import { FOUND, PACKET, findAgain, isTupleOfPacket, probeAt } from "./group";
import { rewriteEstablished } from "./rewrite";

/** GENERATION, FAST and FAMILY are one word. */
const GENERATION_MASK: u32 = 0xffff;
const FAST_BIT: u32 = Connection.FAST_ORIGINAL << 16;
const FAMILY_4: u32 = 4 << 24;
const WAY_MASK: u32 = 0xff00ffff;
if (Connection.FAST != Connection.GENERATION + 2) ERROR("FAST is not where isWayCached() looks");
if (Connection.FAMILY != Connection.GENERATION + 3) ERROR("FAMILY is not where isWayCached() looks");

/**
 * Forwards packets of the probed group from the i-th on, as long as they can go the short way. Returns the number of
 * the first that cannot, which is untouched, or `size`.
 */
export function forwardRun(group: usize, i: u32, size: u32): u32 {
  const way = (load<u32>(engine, Engine.GENERATION) & GENERATION_MASK) | FAMILY_4;
  const adjacencies = activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES);
  const hasLinks = programHas(Program.PROGRAM_LINK_ADDRESSES);
  const emits = hasFlag(Engine.ENGINE_EMIT);
  const first = i;
  let packetBytes: u64 = 0;
  while (i < size) {
    if (emits && isOutputFull()) break;
    const probe = probeAt(i);
    const packet: usize = load<u32>(probe, PACKET);
    const found: usize = load<u32>(probe, FOUND);
    const connection = found & ~1;
    const direction = <u32>found & 1;
    if (!isTupleOfPacket(packet, connection, direction)) {
      if (findAgain(probe)) continue;
      break;
    }
    const isTcp = load<u8>(packet, Wire.IP4_PROTOCOL) == Protocol.TCP;
    if (!isWayCached(connection, direction, way)) break;
    if (!isPlain(connection, isTcp)) break;
    const descriptor = group + (<usize>i << Descriptor.SIZE_LOG2);
    const bytes: u32 = bswap<u16>(load<u16>(packet, Wire.IP4_TOTAL_LENGTH));
    const adjacency = adjacencies + cachedAdjacency(connection, direction) * Program.ADJACENCY_SIZE;
    if (bytes > load<u32>(adjacency, Program.ADJACENCY_MTU)) break;
    if (mayHaveBeenTooBig(bytes)) break;
    if (hasLinks && isFrameForOther(descriptor)) break;
    keepTime(descriptor);
    if (!isAlive(connection)) break;
    if (!areChecksumsRight(packet, bytes, isTcp)) break;
    if (!track(packet, bytes, connection, direction, isTcp)) break;
    rewriteEstablished(packet, connection, direction, isTcp);
    const outputBegin = load<u32>(engine, Engine.OUTPUT_USED);
    if (emits) emitEstablished(descriptor, bytes, adjacency);
    writeVerdict(descriptor, connection, direction, load<u16>(adjacency, Program.ADJACENCY_INTERFACE), bytes, outputBegin);
    packetBytes += bytes;
    i++;
  }
  countForwarded(i - first, packetBytes);
  return i;
}

/** The connection's packets of this direction meet no rule of the active program, and the way out is known. */
function isWayCached(connection: usize, direction: u32, way: u32): bool {
  const bit = FAST_BIT << direction;
  return (load<u32>(connection, Connection.GENERATION) & (WAY_MASK | bit)) == (way | bit);
}

function cachedAdjacency(connection: usize, direction: u32): usize {
  return load<u16>(connection + (<usize>direction << Connection.DIRECTION_LOG2), Connection.ADJACENCY);
}

/** A capture that is followed may show that a link took less than the program says (follow/mtu.ts). */
function mayHaveBeenTooBig(bytes: u32): bool {
  return bytes > Wire.IP4_MTU_MIN && hasFlag(Engine.ENGINE_FOLLOW);
}

function isFrameForOther(descriptor: usize): bool {
  const inInterface: u32 = load<u16>(descriptor, Descriptor.IN_INTERFACE);
  return isForOtherMac(load<u32>(descriptor, Descriptor.FRAME), load<u16>(descriptor, Descriptor.LINK_TYPE), inInterface);
}

/** Nearly every packet comes in the same millisecond as the one before it. */
function keepTime(descriptor: usize): void {
  const time = load<u64>(descriptor, Descriptor.TIME);
  if (isTick(time)) advanceClock(time);
}

/** The header's checksum and, where it is there and wanted, that of the segment or datagram. */
function areChecksumsRight(packet: usize, bytes: u32, isTcp: bool): bool {
  if (!isIp4ChecksumRight(packet)) return false;
  if (!isTcp && load<u16>(packet + Wire.IP4_SIZE, Wire.UDP_CHECKSUM) == 0) return true;
  return !hasFlag(Engine.ENGINE_CHECKSUM) || isTransportChecksumRight4(packet, bytes);
}

/** Lets the connection's tracker have the packet. False: it is not plain, and nothing has been changed. */
function track(packet: usize, bytes: u32, connection: usize, direction: u32, isTcp: bool): bool {
  const header = packet + Wire.IP4_SIZE;
  const left = bytes - Wire.IP4_SIZE;
  if (isTcp) return trackEstablishedTcp(connection, direction, header, left, bytes);
  if (<u32>bswap<u16>(load<u16>(header, Wire.UDP_LENGTH)) != left) return false;
  return trackEstablishedUdp(connection, direction, bytes);
}

/** Counts packets that went the short way. */
function countForwarded(packets: u32, packetBytes: u64): void {
  if (packets == 0) return;
  countMany(Engine.PACKETS, packets);
  countMany(Engine.PACKET_BYTES, packetBytes);
  countMany(Engine.VERDICTS + (Verdict.VERDICT_FORWARD << 3), packets);
  countMany(Engine.REASONS + (Verdict.REASON_NONE << 3), packets);
  countMany(Engine.FAST_PACKETS, packets);
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
