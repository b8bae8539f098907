/**
 * What can be said of packets of established connections from their own bytes is said for a whole group at once: whether
 * they are plain, and what their connections' trackers will ask.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { PLAIN_TCP, PLAIN_TCP_MASK, PLAIN_UDP, PLAIN_UDP_MASK } from "../conntrack/established";
import { recordOf } from "../conntrack/half";
import { KIND, hasOnlyTimestamp, headerBytesOf, isSegmentPlain, kindOf, readNumbers, readSack } from "../conntrack/plain-segment";
import { UNANSWERED_TCP, UNANSWERED_UDP } from "../conntrack/unanswered";
import { engine, hasFlag } from "../memory/engine";
import { copy16 } from "../memory/words";
import { isForOtherMac } from "../pipeline/link";
import { programHas } from "../pipeline/program";
import { SUMMED_BYTES_MIN, isHeaderSumRight, isIp4ChecksumRight, isSegmentSumRight, isTransportChecksumRight4, plainSums } from "../wire/checksum4";
import * as Probe from "./probe";

/** A direction's FAST bit and family 4, beside whatever else WANTED and MASK are made of. */
const ORIGINAL: u64 = (<u64>Connection.FAST_ORIGINAL << 48) | (4 << 56);
const REPLY: u64 = (<u64>Connection.FAST_REPLY << 48) | (4 << 56);
const UNANSWERED: u64 = (<u64>Connection.FAST_UNANSWERED << 48) | (<u64>(Probe.UNANSWERED | Probe.PLAIN4) << 56);
/** All of the generation and of the family. */
const EXACT: u64 = 0xff00ffff << 32;
const ORIGINAL_MASK: u64 = EXACT | (<u64>Connection.FAST_ORIGINAL << 48);
const REPLY_MASK: u64 = EXACT | (<u64>Connection.FAST_REPLY << 48);
const UNANSWERED_MASK: u64 = EXACT | (<u64>Connection.FAST_UNANSWERED << 48);

/**
 * WANTED and MASK of TCP's ORIGINAL and REPLY, at the distance of a record's halves, and of its ORIGINAL without an answer;
 * then of UDP's. The generation is filled in.
 */
// prettier-ignore
export const ways: usize = memory.data<u64>([
  ORIGINAL | PLAIN_TCP, ORIGINAL_MASK | PLAIN_TCP_MASK,
  REPLY | PLAIN_TCP, REPLY_MASK | PLAIN_TCP_MASK,
  UNANSWERED | UNANSWERED_TCP, UNANSWERED_MASK | PLAIN_UDP_MASK,
  ORIGINAL | PLAIN_UDP, ORIGINAL_MASK | PLAIN_UDP_MASK,
  REPLY | PLAIN_UDP, REPLY_MASK | PLAIN_UDP_MASK,
  UNANSWERED | UNANSWERED_UDP, UNANSWERED_MASK | PLAIN_UDP_MASK,
]);
const WAYS_SIZE: usize = 96;
export const UDP_WAYS: usize = 48;
const UNANSWERED_WAYS: usize = 32;
const WAY_GENERATION: usize = 4;
if (Connection.DIRECTION_LOG2 != 4) ERROR("ways of directions are not 16 bytes apart");
if (Connection.GENERATION != Connection.PROTOCOL + 4) ERROR("GENERATION is not where the ways say");
if (Connection.GENERATION != Connection.STATUS + 2) ERROR("GENERATION is not behind STATUS");
if (Connection.FAST != Connection.GENERATION + 2) ERROR("FAST is not where the ways say");
if (Connection.FAMILY != Connection.GENERATION + 3) ERROR("FAMILY is not where the ways say");
if (Probe.MASK != Probe.WANTED + 8) ERROR("MASK is not behind WANTED");

/**
 * Checks packets of a probed group, from the i-th on, if their connections' ways are cached. What takes a call is left for
 * later: the values that live across one would be spilled for each packet, called or not.
 */
export function checkGroup(i: u32, size: u32): void {
  const generation = load<u32>(engine, Engine.GENERATION) & 0xffff;
  noteWays(generation);
  let hasOthers: u32 = 0;
  const end = Probe.probeAt(size);
  for (let probe = Probe.probeAt(i); probe < end; probe += Probe.SIZE) {
    const half: usize = load<u32>(probe, Probe.HALF);
    if (<u32>load<u16>(recordOf(half), Connection.GENERATION) != generation) continue;
    const bytes = load<u32>(probe, Probe.BYTES);
    const packet: usize = load<u32>(probe, Probe.PACKET);
    if (bytes < SUMMED_BYTES_MIN) {
      hasOthers = 1;
      continue;
    }
    if (load<u8>(packet, Wire.IP4_PROTOCOL) == Protocol.TCP) {
      const word = load<u32>(packet, Wire.IP4_SIZE + Wire.TCP_DATA_OFFSET);
      if (!isSegmentPlain(word)) continue;
      const headerBytes = headerBytesOf(word);
      if (headerBytes < Wire.TCP_SIZE) continue;
      const dataBytes = bytes - Wire.IP4_SIZE - headerBytes;
      if (<i32>dataBytes < 0) continue;
      if (headerBytes != Wire.TCP_SIZE) {
        if (!hasOnlyTimestamp(packet + Wire.IP4_SIZE, headerBytes)) hasOthers = 1;
      }
      readNumbers(packet + Wire.IP4_SIZE, dataBytes, half, probe + Probe.SEGMENT);
      copy16(probe + Probe.WANTED, ways + (half & Connection.REPLY));
    } else {
      if (!isDatagram(packet, bytes)) continue;
      copy16(probe + Probe.WANTED, ways + UDP_WAYS + (half & Connection.REPLY));
    }
    const sums = plainSums(packet, bytes);
    if (isHeaderSumRight(sums)) {
      if (isSegmentSumRight(sums, bytes)) continue;
      if (!isSummed(packet)) continue;
    }
    store<u32>(probe, Probe.UNCHECKED, Probe.WANTED + 4);
  }
  if (hasOthers != 0) checkOthers(i, size, generation);
}

/** Reads the SACKs of checked segments, and checks datagrams that are too short to be summed up with the others. */
function checkOthers(i: u32, size: u32, generation: u32): void {
  const end = Probe.probeAt(size);
  for (let probe = Probe.probeAt(i); probe < end; probe += Probe.SIZE) {
    const half: usize = load<u32>(probe, Probe.HALF);
    const bytes = load<u32>(probe, Probe.BYTES);
    const packet: usize = load<u32>(probe, Probe.PACKET);
    if (Probe.isChecked(probe)) {
      if (load<u8>(probe, Probe.WANTED) == Protocol.TCP) readSack(packet + Wire.IP4_SIZE, probe + Probe.SEGMENT);
      continue;
    }
    if (bytes >= SUMMED_BYTES_MIN || bytes < Wire.IP4_SIZE + Wire.UDP_SIZE) continue;
    if (<u32>load<u16>(recordOf(half), Connection.GENERATION) != generation) continue;
    if (!isDatagram(packet, bytes) || !isIp4ChecksumRight(packet)) continue;
    if (isSummed(packet) && !isTransportChecksumRight4(packet, bytes)) continue;
    copy16(probe + Probe.WANTED, ways + UDP_WAYS + (half & Connection.REPLY));
  }
}

/** Somebody asks for the transport's checksum, and there is one. */
function isSummed(packet: usize): bool {
  if (!hasFlag(Engine.ENGINE_CHECKSUM)) return false;
  return load<u8>(packet, Wire.IP4_PROTOCOL) == Protocol.TCP || load<u16>(packet, Wire.IP4_SIZE + Wire.UDP_CHECKSUM) != 0;
}

/** A UDP datagram that is as long as its packet says. */
function isDatagram(packet: usize, bytes: u32): bool {
  if (load<u8>(packet, Wire.IP4_PROTOCOL) != Protocol.UDP) return false;
  return <u32>bswap<u16>(load<u16>(packet, Wire.IP4_SIZE + Wire.UDP_LENGTH)) + Wire.IP4_SIZE == bytes;
}

/** A checked packet was found to be of another half than it was checked for: all that the check says holds, but the direction. */
export function noteDirection(probe: usize): void {
  const direction = load<u32>(probe, Probe.HALF) & Connection.REPLY;
  const isTcp = load<u8>(probe, Probe.WANTED) == Protocol.TCP;
  const kind = Probe.kindOf(probe) & ~Probe.UNANSWERED;
  copy16(probe + Probe.WANTED, ways + (isTcp ? 0 : UDP_WAYS) + direction);
  store<u8>(probe, kind, Probe.WANTED + 7);
  store<u16>(probe, kindOf(direction), Probe.SEGMENT + KIND);
}

/**
 * Whether the i-th packet of a group, which is plain, is of a connection without an answer: from it on, all such packets are
 * to be taken as that.
 */
export function markUnanswered(i: u32, size: u32): bool {
  const first = Probe.probeAt(i);
  const end = Probe.probeAt(size);
  for (let probe = first; probe < end; probe += Probe.SIZE) {
    const half: usize = load<u32>(probe, Probe.HALF);
    if (!Probe.isChecked(probe) || (half & Connection.REPLY) != 0) continue;
    if ((load<u16>(half, Connection.STATUS) & Connection.STATUS_SEEN_REPLY) != 0) continue;
    const isTcp = load<u8>(probe, Probe.WANTED) == Protocol.TCP;
    const kind = Probe.kindOf(probe) | Probe.UNANSWERED;
    copy16(probe + Probe.WANTED, ways + UNANSWERED_WAYS + (isTcp ? 0 : UDP_WAYS));
    store<u8>(probe, kind, Probe.WANTED + 7);
  }
  return Probe.isUnanswered(first);
}

export function noteWays(generation: u32): void {
  for (let way = ways; way < ways + WAYS_SIZE; way += 1 << Connection.DIRECTION_LOG2) store<u16>(way, generation, WAY_GENERATION);
}

/** Takes packets out of a probed group that only the hooks can judge: frames for others, and what a learned path may refuse. */
export function leaveOutOdd(group: usize, size: u32): void {
  const hasLinks = programHas(Program.PROGRAM_LINK_ADDRESSES);
  const follows = hasFlag(Engine.ENGINE_FOLLOW);
  if (!hasLinks && !follows) return;
  const end = Probe.probeAt(size);
  let descriptor = group;
  for (let probe = Probe.probeAt(0); probe < end; probe += Probe.SIZE) {
    if (hasLinks && isFrameForOther(descriptor)) store<u32>(probe, 0, Probe.BYTES);
    // A capture that is followed may show that a link took less than the program says (follow/mtu.ts).
    if (follows && load<u32>(probe, Probe.BYTES) > Wire.IP4_MTU_MIN) store<u32>(probe, 0, Probe.BYTES);
    descriptor += Descriptor.SIZE;
  }
}

function isFrameForOther(descriptor: usize): bool {
  const inInterface: u32 = load<u16>(descriptor, Descriptor.IN_INTERFACE);
  return isForOtherMac(load<u32>(descriptor, Descriptor.FRAME), load<u16>(descriptor, Descriptor.LINK_TYPE), inInterface);
}
