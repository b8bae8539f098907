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
import { headerBytesOf, isSegmentPlain, readSegment } from "../conntrack/plain-segment";
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

/** Checks packets of a probed group, from the i-th on, if their connections' ways are cached. */
export function checkGroup(i: u32, size: u32): void {
  const generation = load<u32>(engine, Engine.GENERATION) & 0xffff;
  noteWays(generation);
  const isVerified = hasFlag(Engine.ENGINE_CHECKSUM);
  const end = Probe.probeAt(size);
  for (let probe = Probe.probeAt(i); probe < end; probe += Probe.SIZE) {
    const half: usize = load<u32>(probe, Probe.HALF);
    if (<u32>load<u16>(recordOf(half), Connection.GENERATION) != generation) continue;
    const bytes = load<u32>(probe, Probe.BYTES);
    const packet: usize = load<u32>(probe, Probe.PACKET);
    let way = ways + (half & Connection.REPLY);
    let isSummed = isVerified;
    if (bytes < SUMMED_BYTES_MIN) {
      if (!isShortRight(packet, bytes, isVerified)) continue;
      isSummed = false;
    }
    if (load<u8>(packet, Wire.IP4_PROTOCOL) == Protocol.TCP) {
      const word = load<u32>(packet, Wire.IP4_SIZE + Wire.TCP_DATA_OFFSET);
      if (!isSegmentPlain(word)) continue;
      const headerBytes = headerBytesOf(word);
      if (headerBytes < Wire.TCP_SIZE) continue;
      if (headerBytes + Wire.IP4_SIZE > bytes) continue;
      readSegment(packet + Wire.IP4_SIZE, headerBytes, bytes - Wire.IP4_SIZE, half, probe + Probe.SEGMENT);
    } else {
      if (load<u8>(packet, Wire.IP4_PROTOCOL) != Protocol.UDP) continue;
      if (<u32>bswap<u16>(load<u16>(packet, Wire.IP4_SIZE + Wire.UDP_LENGTH)) + Wire.IP4_SIZE != bytes) continue;
      if (load<u16>(packet, Wire.IP4_SIZE + Wire.UDP_CHECKSUM) == 0) isSummed = false;
      way += UDP_WAYS;
    }
    if (isSummed) {
      const sums = plainSums(packet, bytes);
      if (!isHeaderSumRight(sums)) continue;
      if (!isSegmentSumRight(sums, bytes)) continue;
    } else if (!isIp4ChecksumRight(packet)) continue;
    copy16(probe + Probe.WANTED, way);
  }
}

/** A packet that is too short to be summed up with the others may be a datagram, and its checksum is right. */
function isShortRight(packet: usize, bytes: u32, isVerified: bool): bool {
  if (bytes < Wire.IP4_SIZE + Wire.UDP_SIZE) return false;
  if (!isVerified || load<u16>(packet, Wire.IP4_SIZE + Wire.UDP_CHECKSUM) == 0) return true;
  return isTransportChecksumRight4(packet, bytes);
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
