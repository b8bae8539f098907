/**
 * The short way of established connections: packets for which the hooks have nothing left to decide (FAST_* in the
 * record, see pipeline/established.ts) are tracked, rewritten and sent without them. Whatever is not plain is left
 * untouched for the pipeline; a test holds both ways equal to the byte. Connections that have no answer yet go along.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { emitPacket, outputLeft } from "../capture/emit";
import { advanceClock, isTick } from "../conntrack/clock";
import { countPacket, isAlive, isStreamKnown, noteDatagram } from "../conntrack/established";
import { recordOf } from "../conntrack/half";
import { isOutside, moveEdges, moveEnds, noteLast, noteTimeouts, sackOf } from "../conntrack/plain-window";
import { countMany, engine, hasFlag } from "../memory/engine";
import { copy16 } from "../memory/words";
import { packetAt, readDescriptor } from "../packet";
import { activeProgram } from "../rules/program";
import { checkGroup, markUnanswered, noteDirection } from "./check";
import { checkAlone6 } from "./check6";
import { trackRun6 } from "./forward6";
import { findAgain, isTupleOfPacket, touchPacket } from "./group";
import { findAgain6, isTupleOfProbe6 } from "./group6";
import * as Probe from "./probe";
import { rewriteEstablished } from "./rewrite";
import { rewriteEstablished6 } from "./rewrite6";
import { trackUnanswered } from "./unanswered";

/**
 * Forwards packets of the probed group from the i-th on, as long as they can go the short way. Returns the number of
 * the first that cannot, which is untouched, or `size`. What comes next stands so many bytes `ahead` of the descriptors.
 */
export function forwardRun(group: usize, i: u32, size: u32, ahead: usize): u32 {
  const emits = hasFlag(Engine.ENGINE_EMIT);
  while (true) {
    const limit = emits ? min(size, i + roomFor(size - i)) : size;
    noteTimeouts();
    noteOutput();
    const adjacencies = activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES);
    const kind = Probe.kindOf(Probe.probeAt(i));
    const next = forwardKind(kind, group, i, limit, ahead, adjacencies);
    if (emits) emitRun(group, i, next);
    i = next;
    if (i == size) return i;
    if (i == limit) {
      if (roomFor(1) == 0) return i;
    } else if (Probe.kindOf(Probe.probeAt(i)) == kind && !mend(group, i, size)) return i;
  }
}

/** Tracks and sends packets from the i-th on, which is of this kind; returns the first of another, or that is not plain. */
function forwardKind(kind: u32, group: usize, i: u32, size: u32, ahead: usize, adjacencies: usize): u32 {
  if (kind == Probe.PLAIN6) return trackRun6(group, i, size, ahead, adjacencies);
  if (Probe.isUnanswered(Probe.probeAt(i))) return forwardUnanswered(group, i, size, adjacencies);
  return trackRun(group, i, size, ahead, adjacencies);
}

/** Tracks and sends packets from the i-th on; returns the first that is not plain, and that nothing has been changed for. */
function trackRun(group: usize, i: u32, size: u32, ahead: usize, adjacencies: usize): u32 {
  const end = Probe.probeAt(size);
  let descriptor = group + (<usize>i << Descriptor.SIZE_LOG2);
  let packetBytes: u64 = 0;
  for (let probe = Probe.probeAt(i); probe < end; probe += Probe.SIZE) {
    const half: usize = load<u32>(probe, Probe.HALF);
    if (!isTupleOfPacket(load<u32>(probe, Probe.PACKET), half)) break;
    const connection = recordOf(half);
    if ((load<u64>(connection, Connection.PROTOCOL) & load<u64>(probe, Probe.MASK)) != load<u64>(probe, Probe.WANTED)) break;
    const adjacency = adjacencies + <usize>load<u16>(half, Connection.ADJACENCY) * Program.ADJACENCY_SIZE;
    if (load<u32>(probe, Probe.BYTES) > load<u32>(adjacency, Program.ADJACENCY_MTU)) break;
    if (isTick(load<u64>(descriptor, Descriptor.TIME))) break;
    if (!isAlive(connection)) break;
    store<u32>(descriptor, load<u16>(adjacency, Program.ADJACENCY_INTERFACE), Descriptor.OUT_INTERFACE); // and nothing in REFUSED_CHOICE
    if (load<u8>(probe, Probe.WANTED) == Protocol.TCP) {
      const sack = sackOf(half, probe + Probe.SEGMENT);
      if (isOutside(half, probe + Probe.SEGMENT, sack)) break;
      moveEdges(half, probe + Probe.SEGMENT, sack);
      noteLast(connection, probe + Probe.SEGMENT, moveEnds(half, probe + Probe.SEGMENT));
    } else {
      if (!isStreamKnown(connection)) break;
      noteDatagram(connection);
    }
    const bytes = load<u32>(probe, Probe.BYTES);
    countPacket(half, bytes);
    touchPacket(descriptor + ahead);
    rewriteEstablished(load<u32>(probe, Probe.PACKET), half, load<u8>(probe, Probe.WANTED) == Protocol.TCP);
    writeForwarded(descriptor, half, bytes, FORWARDED);
    packetBytes += bytes;
    descriptor += Descriptor.SIZE;
  }
  const next = <u32>((descriptor - group) >> Descriptor.SIZE_LOG2);
  countForwarded(next - i, packetBytes);
  return next;
}

/** The same of packets whose connections nobody has answered. */
function forwardUnanswered(group: usize, i: u32, size: u32, adjacencies: usize): u32 {
  const next = trackUnanswered(group, i, size, adjacencies);
  let packetBytes: u64 = 0;
  for (let n = i; n < next; n++) {
    const probe = Probe.probeAt(n);
    const half: usize = load<u32>(probe, Probe.HALF);
    const bytes = load<u32>(probe, Probe.BYTES);
    const packet: usize = load<u32>(probe, Probe.PACKET);
    const isTcp = load<u8>(probe, Probe.WANTED) == Protocol.TCP;
    if (Probe.isIp6(probe)) rewriteEstablished6(packet, half, load<u32>(probe, Probe.ADDRESSES), isTcp);
    else rewriteEstablished(packet, half, isTcp);
    writeForwarded(group + (<usize>n << Descriptor.SIZE_LOG2), half, bytes, FORWARDED_NEW);
    packetBytes += bytes;
  }
  countForwarded(next - i, packetBytes);
  return next;
}

/** One byte each, in the descriptor's order: VERDICT, REASON, CT, DIRECTION. */
export const FORWARDED: u32 = Verdict.VERDICT_FORWARD | (Verdict.REASON_NONE << 8) | (State.CT_ESTABLISHED << 16);
const FORWARDED_NEW: u32 = Verdict.VERDICT_FORWARD | (Verdict.REASON_NONE << 8) | (State.CT_NEW << 16);
/** From the bit that tells a record's halves apart to DIRECTION. */
const DIRECTION_SHIFT: u32 = 24 - Connection.DIRECTION_LOG2;
if (Descriptor.OUTPUT_END != Descriptor.OUTPUT_BEGIN + 4) ERROR("OUTPUT_END is not behind OUTPUT_BEGIN");
if (Descriptor.RULE != Descriptor.OUTPUT_BEGIN + 8) ERROR("RULE is not behind OUTPUT_END");

/** OUTPUT_BEGIN, OUTPUT_END and RULE of packets that leave nothing in the output. */
const nothingSent: usize = memory.data(16, 16);

/** To be called before packets are sent. */
function noteOutput(): void {
  store<u32>(nothingSent, load<u32>(engine, Engine.OUTPUT_USED));
  store<u32>(nothingSent, load<u32>(engine, Engine.OUTPUT_USED), 4);
}

/** The verdict of a packet that is sent, but for OUT_INTERFACE. */
export function writeForwarded(descriptor: usize, half: usize, bytes: u32, forwarded: u32): void {
  store<u32>(descriptor, forwarded | ((<u32>half & Connection.REPLY) << DIRECTION_SHIFT), Descriptor.VERDICT);
  store<u32>(descriptor, <u32>((half - load<u32>(engine, Engine.CONNECTIONS)) >> Connection.SIZE_LOG2), Descriptor.CONNECTION);
  store<u32>(descriptor, bytes, Descriptor.PACKET_BYTES);
  copy16(descriptor + Descriptor.OUTPUT_BEGIN, nothingSent);
}

/** Counts packets that went the short way. */
export function countForwarded(packets: u32, packetBytes: u64): void {
  countMany(Engine.PACKETS, packets);
  countMany(Engine.PACKET_BYTES, packetBytes);
  countMany(Engine.VERDICTS + (Verdict.VERDICT_FORWARD << 3), packets);
  countMany(Engine.REASONS + (Verdict.REASON_NONE << 3), packets);
  countMany(Engine.FAST_PACKETS, packets);
}

/** Whether what stopped a run at the i-th packet could be put right, so that the packet can be tried again. */
function mend(group: usize, i: u32, size: u32): bool {
  const probe = Probe.probeAt(i);
  if (load<u32>(probe, Probe.BYTES) == 0) return false;
  const time = load<u64>(group + (<usize>i << Descriptor.SIZE_LOG2), Descriptor.TIME);
  if (isTick(time)) {
    advanceClock(time);
    return true;
  }
  const isIp6 = Probe.isIp6(probe);
  const isFound = isIp6 ? isTupleOfProbe6(probe) : isTupleOfPacket(load<u32>(probe, Probe.PACKET), load<u32>(probe, Probe.HALF));
  if (!isFound && !(isIp6 ? findAgain6(probe) : findAgain(probe))) return false;
  if (Probe.isChecked(probe)) {
    if (isFound) return !Probe.isUnanswered(probe) && markUnanswered(i, size);
    noteDirection(probe);
    return true;
  }
  if (isIp6) checkAlone6(probe);
  else checkGroup(i, i + 1);
  return Probe.isChecked(probe);
}

/** How many of so many packets may be emitted, one after the other, before the output may be full. */
function roomFor(packets: u32): u32 {
  if (load<u32>(engine, Engine.OUTPUT_FORMAT) == Engine.OUTPUT_NONE) return packets;
  const left = outputLeft();
  if (left < Engine.OUTPUT_RESERVE) return 0;
  return min(packets, 1 + (left - Engine.OUTPUT_RESERVE) / RECORD_MAX);
}

/** The packets as the output knows them; the hooks' own fields are not needed. */
function emitRun(group: usize, i: u32, next: u32): void {
  const packet = packetAt(0);
  for (; i < next; i++) {
    const descriptor = group + (<usize>i << Descriptor.SIZE_LOG2);
    const half: usize = load<u32>(Probe.probeAt(i), Probe.HALF);
    readDescriptor(packet, descriptor);
    packet.bytes = load<u32>(descriptor, Descriptor.PACKET_BYTES);
    packet.family = <u32>load<u8>(packet.address) >> 4;
    packet.outInterface = load<u16>(descriptor, Descriptor.OUT_INTERFACE);
    packet.adjacency = activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES) + <usize>load<u16>(half, Connection.ADJACENCY) * Program.ADJACENCY_SIZE;
    store<u32>(descriptor, load<u32>(engine, Engine.OUTPUT_USED), Descriptor.OUTPUT_BEGIN);
    emitPacket(packet);
    store<u32>(descriptor, load<u32>(engine, Engine.OUTPUT_USED), Descriptor.OUTPUT_END);
  }
}

/** No packet takes more of the output: 65535 bytes with headers and what stands around them in a capture. */
const RECORD_MAX: u32 = 0x10200;
