/**
 * The loop over a batch's packets: descriptors in, verdicts out. Packets go in groups whose connections are looked up
 * together; each then goes the short way of established connections, or through the pipeline.
 */

import * as Descriptor from "./layout/descriptor";
import * as Engine from "./layout/engine";
import * as Program from "./layout/program";
import * as Verdict from "./layout/verdict";
import { advanceClock } from "./conntrack/clock";
import { isOutputFull } from "./capture/emit";
import { connectionIndex, reap, sweep } from "./conntrack/table";
import { forwardRun } from "./established/forward";
import { mayBeFound, touchPacket } from "./established/group";
import { prepareGroup } from "./established/prepare";
import { GROUP_SIZE } from "./established/probe";
import { hasExpired } from "./fragment/expire";
import { adoptOutbound } from "./follow/adopt";
import { count, countMany, engine, hasFlag, isShortWayOpen } from "./memory/engine";
import { seedPacket } from "./memory/random";
import { Packet, finish, packetAt, readDescriptor } from "./packet";
import { expire, receive, send } from "./pipeline";
import { programHas } from "./pipeline/program";
import { parsePacket } from "./wire/parse";

/** One record is looked at for expiry per so many packets, as a power of two. */
const SWEEP_SHIFT: u32 = 3;
const GROUP_BYTES: usize = GROUP_SIZE << Descriptor.SIZE_LOG2;
/** Flags of frames that tell of packets which are, or were, fed in elsewhere. On a wire nobody's direction counts. */
const NOT_FED_IN: u32 = Descriptor.FLAG_OUTBOUND | Descriptor.FLAG_LOOPED;
/** Flags of frames in which there is nothing new to be found. */
const NOTHING_NEW: u32 = Descriptor.FLAG_NOT_IP | Descriptor.FLAG_LINK_ERROR | Descriptor.FLAG_LOOPED;

/**
 * Processes `count` descriptors from `first` on, in their order. Returns how many it did: fewer when the output buffer
 * might not hold what the next packet causes, or when ended connections wait for the host.
 */
export function process(first: u32, count: u32): u32 {
  assert(first + count <= load<u32>(engine, Engine.DESCRIPTORS_MAX), "the batch leaves the descriptors");
  assert(load<u32>(engine, Engine.PROGRAM) != 0, "no program has been activated");
  const begin: usize = load<u32>(engine, Engine.DESCRIPTORS) + (<usize>first << Descriptor.SIZE_LOG2);
  const hasShortWay = isShortWayOpen();
  for (let done: u32 = 0; done < count; done += GROUP_SIZE) {
    const group = begin + (<usize>done << Descriptor.SIZE_LOG2);
    const size = min(GROUP_SIZE, count - done);
    if (hasShortWay) prepareGroup(group, size);
    const isNextWhole = count - done >= 2 * GROUP_SIZE;
    const processed = processGroup(group, size, hasShortWay, isNextWhole ? GROUP_BYTES : 0);
    if (processed < size) return done + processed;
    sweep(size >> SWEEP_SHIFT);
  }
  return count;
}

/** `ahead`: how far it is from a descriptor to the one of the next group in its place; 0: there is none for each. */
function processGroup(group: usize, size: u32, hasShortWay: bool, ahead: usize): u32 {
  if (!expireFragments(group)) return 0;
  for (let i: u32 = 0; i < size; i++) {
    if (hasShortWay && mayBeFound(i)) i = forwardRun(group, i, size, ahead);
    if (i == size) break;
    const descriptor = group + (<usize>i << Descriptor.SIZE_LOG2);
    if (!reap() || !expireFragments(descriptor) || isOutputFull()) return i;
    touchPacket(descriptor + ahead);
    processOne(descriptor);
  }
  return size;
}

/** Ends the wait of fragments that has been over when the descriptor's packet came. False: the output buffer is full. */
function expireFragments(descriptor: usize): bool {
  advanceClock(load<u64>(descriptor, Descriptor.TIME));
  if (!hasExpired()) return true;
  // From the other end: the packet itself draws something else.
  seedPacket(~fedBefore(descriptor));
  while (hasExpired()) {
    if (isOutputFull()) return false;
    readDescriptor(packetAt(0), descriptor);
    expire(packetAt(0));
  }
  return true;
}

function processOne(descriptor: usize): void {
  const packet = packetAt(0);
  readDescriptor(packet, descriptor);
  seedPacket(fedBefore(descriptor));
  const outputBegin = load<u32>(engine, Engine.OUTPUT_USED);
  if ((packet.flags & NOT_FED_IN) != 0 && !programHas(Program.PROGRAM_WIRE)) skip(packet);
  else if ((packet.flags & Descriptor.FLAG_FROM_HOST) != 0) send(packet);
  else receive(packet);
  writeDescriptor(packet, descriptor, outputBegin);
  account(packet);
}

/** How many packets were fed in before the next one: a capture of both directions draws as one of what comes in. */
function fedBefore(descriptor: usize): u32 {
  if (hasFlag(Engine.ENGINE_SHARD)) return load<u32>(descriptor, Descriptor.FED);
  return <u32>(load<u64>(engine, Engine.PACKETS) - load<u64>(engine, Engine.VERDICTS + (Verdict.VERDICT_SKIPPED << 3)));
}

/** A frame that was captured leaving: not fed in again, but it may tell of connections that nothing else shows. */
function skip(packet: Packet): void {
  const isAdopted = hasFlag(Engine.ENGINE_FOLLOW) && (packet.flags & NOTHING_NEW) == 0 &&
    parsePacket(packet) == Verdict.REASON_NONE && adoptOutbound(packet);
  finish(packet, Verdict.VERDICT_SKIPPED, isAdopted ? Verdict.REASON_ADOPTED : Verdict.REASON_OUTBOUND);
}

function writeDescriptor(packet: Packet, descriptor: usize, outputBegin: u32): void {
  const connection = packet.connection == 0 ? Descriptor.NO_CONNECTION : connectionIndex(packet.connection);
  store<u8>(descriptor, <u8>packet.verdict, Descriptor.VERDICT);
  store<u8>(descriptor, <u8>packet.reason, Descriptor.REASON);
  store<u8>(descriptor, <u8>packet.ct, Descriptor.CT);
  store<u8>(descriptor, <u8>packet.direction, Descriptor.DIRECTION);
  store<u32>(descriptor, connection, Descriptor.CONNECTION);
  store<u16>(descriptor, <u16>packet.inInterface, Descriptor.IN_INTERFACE);
  store<u16>(descriptor, <u16>packet.outInterface, Descriptor.OUT_INTERFACE);
  store<u8>(descriptor, <u8>packet.hasRefusedChoice, Descriptor.REFUSED_CHOICE);
  store<u32>(descriptor, packet.bytes, Descriptor.PACKET_BYTES);
  store<u32>(descriptor, outputBegin, Descriptor.OUTPUT_BEGIN);
  store<u32>(descriptor, load<u32>(engine, Engine.OUTPUT_USED), Descriptor.OUTPUT_END);
  store<u32>(descriptor, packet.rule, Descriptor.RULE);
}

/** Every packet counts once: in all, by verdict and by reason. */
function account(packet: Packet): void {
  count(Engine.PACKETS);
  countMany(Engine.PACKET_BYTES, packet.bytes);
  count(Engine.VERDICTS + (packet.verdict << 3));
  count(Engine.REASONS + (packet.reason << 3));
}
