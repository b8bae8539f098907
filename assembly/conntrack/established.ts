/**
 * The short way for what nearly every packet is: a plain segment of an established connection, or a datagram of an
 * answered one. Straight-line code over the record; whatever is not plain is left, untouched, to the trackers. What it
 * does is exactly what they would do.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { clock, engine, timeoutMilliseconds } from "../memory/engine";
import { copy16 } from "../memory/words";
import { otherHalf } from "./half";
import { highestSack } from "./tcp-options";
import { ACK_WINDOW_MIN } from "./tcp-window";
import { STREAM_AFTER_MILLISECONDS } from "./udp";

const ANSWERED_STATUS: u32 = Connection.STATUS_CONFIRMED | Connection.STATUS_SEEN_REPLY;
const PLAIN_STATUS: u32 = ANSWERED_STATUS | Connection.STATUS_ASSURED;
/** What must not be set besides. */
const ODD_STATUS: u32 = Connection.STATUS_DYING | Connection.STATUS_FIXED_TIMEOUT | Connection.STATUS_NAT_CLASH;

/**
 * PROTOCOL, STATE and STATUS, one word, of a connection whose packets may be plain, under their masks: confirmed and
 * answered; TCP's also ASSURED and ESTABLISHED.
 */
const STATE_SHIFT: u32 = 8;
const STATUS_SHIFT: u32 = 16;
export const PLAIN_TCP: u32 = Protocol.TCP | (State.TCP_ESTABLISHED << STATE_SHIFT) | (PLAIN_STATUS << STATUS_SHIFT);
export const PLAIN_TCP_MASK: u32 = 0xffff | ((PLAIN_STATUS | ODD_STATUS) << STATUS_SHIFT);
export const PLAIN_UDP: u32 = Protocol.UDP | (ANSWERED_STATUS << STATUS_SHIFT);
export const PLAIN_UDP_MASK: u32 = 0xffff | ((ANSWERED_STATUS | ODD_STATUS) << STATUS_SHIFT);
if (Connection.STATE != Connection.PROTOCOL + 1) ERROR("STATE is not behind PROTOCOL");
if (Connection.STATUS != Connection.PROTOCOL + 2) ERROR("STATUS is not behind STATE");

/**
 * A plain segment as readSegment() leaves it: first what the record keeps of the last one from LAST_SEQ on, and then the
 * highest number that it acknowledges, selectively or not.
 *
 *       0      4      8      12       14     15        16
 *       ├──────┼──────┼──────┼────────┼──────┼─────────┼──────┤
 *       │ seq  │ ack  │ end  │ window │ kind │direction│ sack │
 */
const SEQUENCE: usize = 0;
const ACKNOWLEDGED: usize = 4;
const END: usize = 8;
const WINDOW: usize = 12;
const KIND: usize = 14;
const SACK: usize = 16;
export const SEGMENT_SIZE: usize = 20;
if (Connection.LAST_ACK != Connection.LAST_SEQ + ACKNOWLEDGED) ERROR("LAST_ACK is not where a segment has it");
if (Connection.LAST_END != Connection.LAST_SEQ + END) ERROR("LAST_END is not where a segment has it");
if (Connection.LAST_WINDOW != Connection.LAST_SEQ + WINDOW) ERROR("LAST_WINDOW is not where a segment has it");
if (Connection.LAST_INDEX != Connection.LAST_SEQ + KIND) ERROR("LAST_INDEX is not where a segment has it");
if (Connection.LAST_DIRECTION != Connection.LAST_INDEX + 1) ERROR("LAST_DIRECTION is not where a segment has it");

/** Data offset, flags and window of a TCP header are one word, here as loaded. */
const ODD_FLAGS: u32 = (Wire.TCP_FIN | Wire.TCP_SYN | Wire.TCP_RST | Wire.TCP_URG | Wire.TCP_ACK) << 8;
const PLAIN_FLAGS: u32 = Wire.TCP_ACK << 8;
const WINDOW_BITS: u32 = 0xffff0000;
/** From the bit that tells a record's halves apart to the byte of LAST_DIRECTION behind LAST_INDEX. */
const DIRECTION_SHIFT: u32 = 8 - Connection.DIRECTION_LOG2;
if (Wire.TCP_FLAGS != Wire.TCP_DATA_OFFSET + 1) ERROR("the flags are not where readSegment() looks");

/** The lanes of sequence, acknowledgement and end; and the kind in the last lane, which is not compared. */
const SAME_NUMBERS: u32 = 7;
const KIND_MASK: u32 = 0xff0000;

/** One side's window, from the half of its direction on. */
const WINDOW_END: usize = Connection.WINDOW + Connection.END;
const WINDOW_MAX_END: usize = Connection.WINDOW + Connection.MAX_END;
const WINDOW_MAX: usize = Connection.WINDOW + Connection.MAX_WINDOW;
const WINDOW_SCALE: usize = Connection.WINDOW + Connection.SCALE;
const WINDOW_FLAGS: usize = Connection.WINDOW + Connection.WINDOW_FLAGS;
if (Connection.END != 0 || Connection.MAX_END != 4 || Connection.MAX_WINDOW != 8) ERROR("a window's lanes are not where isOutside() looks");
if (Connection.WINDOW_LOG2 != Connection.DIRECTION_LOG2) ERROR("windows are not at the distance of halves");

/** Of numbers that must stay below an edge, the lanes; −1 stands there for a window's size. Behind that, the least sizes. */
const UPPER_LANES: i32 = 0b0101;
const ROOM_MIN: usize = 16;
const bounds: usize = memory.data<u32>([0xffffffff, 0, 0xffffffff, 0, 0, 0, 0, ACK_WINDOW_MIN], 16);

/** When a connection ends that has a packet now: ordinarily, and with data on its way. */
const deadlines: usize = memory.data(8, 8);
const UNACKNOWLEDGED: usize = 4;

/** Brings sequence, acknowledgement and, last, window into the machine's order. */
const order: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 0xff, 0xff, 0xff, 0xff, 11, 10, 0xff, 0xff], 16);

/** It opens, ends or stops nothing: no flag is odd, and the window is not zero. `word`: the four bytes at TCP_DATA_OFFSET. */
export function isSegmentPlain(word: u32): bool {
  return rotl<u32>((word & (WINDOW_BITS | ODD_FLAGS)) ^ PLAIN_FLAGS, 16) - 1 < WINDOW_BITS >> 16;
}

export function headerBytesOf(word: u32): u32 {
  return (word & 0xf0) >> 2;
}

/** Reads a plain segment of `bytes` bytes from its header on, which takes `headerBytes`, of the direction that `half` is of. */
export function readSegment(header: usize, headerBytes: u32, bytes: u32, half: usize, segment: usize): void {
  readNumbers(header, bytes - headerBytes, segment);
  store<u16>(segment, <u16>(State.TCP_ACK | ((<u32>half & Connection.REPLY) << DIRECTION_SHIFT)), KIND);
  if (headerBytes == Wire.TCP_SIZE) return;
  if (!hasOnlyTimestamp(header, headerBytes)) readSack(header, headerBytes, segment);
}

/** Reads what a segment with so many bytes of data says in numbers, and in the machine's order. */
function readNumbers(header: usize, bytes: u32, segment: usize): void {
  if (ASC_FEATURE_SIMD) {
    const numbers = i8x16.swizzle(v128.load(header, Wire.TCP_SEQUENCE), v128.load(order));
    v128.store(segment, numbers);
    store<u32>(segment, i32x4.extract_lane(numbers, 0) + bytes, END);
    v128.store_lane<u32>(segment, numbers, 1, SACK);
  } else {
    const sequence = bswap(load<u32>(header, Wire.TCP_SEQUENCE));
    const acknowledged = bswap(load<u32>(header, Wire.TCP_ACKNOWLEDGED));
    store<u32>(segment, sequence, SEQUENCE);
    store<u32>(segment, acknowledged, ACKNOWLEDGED);
    store<u32>(segment, sequence + bytes, END);
    store<u16>(segment, bswap<u16>(load<u16>(header, Wire.TCP_WINDOW)), WINDOW);
    store<u32>(segment, acknowledged, SACK);
  }
}

function hasOnlyTimestamp(header: usize, headerBytes: u32): bool {
  if (headerBytes != Wire.TCP_SIZE + Wire.TCP_ONLY_TIMESTAMP_SIZE) return false;
  return load<u32>(header, Wire.TCP_OPTIONS) == Wire.TCP_ONLY_TIMESTAMP;
}

function readSack(header: usize, headerBytes: u32, segment: usize): void {
  store<u32>(segment, highestSack(header, headerBytes, load<u32>(segment, ACKNOWLEDGED)), SACK);
}

/** The connection's time is not over. */
export function isAlive(connection: usize): bool {
  return <i32>(load<u32>(connection, Connection.EXPIRES_AT) - clock()) > 0;
}

/**
 * Works out what tcpTimeout() says of an ACK that leaves its connection ESTABLISHED. To be called before segments are
 * noted, and again when the clock has moved or a timeout has changed.
 */
export function noteTimeouts(): void {
  const ordinary = timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_ESTABLISHED);
  const unacknowledged = min(ordinary, timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED));
  const retransmitted = timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_RETRANSMITTED);
  const isAlwaysRetransmitted = load<u32>(engine, Engine.TCP_MAX_RETRANSMITS) == 0 && ordinary > retransmitted;
  store<u32>(deadlines, clock() + (isAlwaysRetransmitted ? retransmitted : ordinary));
  store<u32>(deadlines, clock() + (isAlwaysRetransmitted ? retransmitted : unacknowledged), UNACKNOWLEDGED);
}

/** Both sides of a TCP connection have shown their windows and acknowledged something: what isOutside() takes for granted. */
export function areWindowsKnown(connection: usize): bool {
  const reply = connection + Connection.REPLY;
  if (load<u32>(connection, WINDOW_MAX) == 0 || load<u32>(reply, WINDOW_MAX) == 0) return false;
  return (load<u8>(connection, WINDOW_FLAGS) & load<u8>(reply, WINDOW_FLAGS) & Connection.WINDOW_MAX_ACK_SET) != 0;
}

/** Selective acknowledgements count if the receiver has permitted them. */
export function sackOf(sender: usize, segment: usize): u32 {
  const sack = load<u32>(segment, SACK);
  const acknowledged = load<u32>(segment, ACKNOWLEDGED);
  if (sack == acknowledged) return acknowledged;
  return (load<u8>(otherHalf(sender), WINDOW_FLAGS) & Connection.WINDOW_SACK) != 0 ? sack : acknowledged;
}

/**
 * A segment leaves one of the four bounds of tcp-window.ts, all compared at once, as isBefore() and isAfter() do it:
 *
 *   sequence ≤ sender's MAX_END   end ≥ sender's END − receiver's MAX_WINDOW
 *   sack ≤ receiver's END         sack ≥ receiver's END − the larger of sender's MAX_WINDOW and ACK_WINDOW_MIN
 */
export function isOutside(sender: usize, segment: usize, sack: u32): bool {
  if (!ASC_FEATURE_SIMD) return boundsOf(sender, segment, sack) >= 0;
  const own = v128.load(sender, Connection.WINDOW);
  const others = v128.load(otherHalf(sender), Connection.WINDOW);
  const read = v128.load(segment);
  let numbers = v128.shuffle<i32>(read, read, 0, 2, 1, 1);
  if (sack != load<u32>(segment, ACKNOWLEDGED)) numbers = i32x4.replace_lane(i32x4.replace_lane(numbers, 2, sack), 3, sack);
  const edges = v128.shuffle<i32>(own, others, 1, 0, 4, 4);
  const sizes = v128.shuffle<i32>(others, own, 2, 2, 6, 6);
  const room = i32x4.max_u(v128.or(sizes, v128.load(bounds)), v128.load(bounds, ROOM_MIN));
  return i32x4.bitmask(i32x4.add(i32x4.sub(numbers, edges), room)) != UPPER_LANES;
}

/** The same one by one: negative if the segment lies inside all bounds. */
function boundsOf(sender: usize, segment: usize, sack: u32): i32 {
  const receiver = otherHalf(sender);
  const received = load<u32>(receiver, WINDOW_END);
  return <i32>(
    (load<u32>(segment, SEQUENCE) - load<u32>(sender, WINDOW_MAX_END) - 1) &
    (sack - received - 1) &
    (load<u32>(sender, WINDOW_END) - load<u32>(receiver, WINDOW_MAX) - 1 - load<u32>(segment, END)) &
    (received - 1 - max<u32>(load<u32>(sender, WINDOW_MAX), ACK_WINDOW_MIN) - sack)
  );
}

/**
 * Moves both windows for a segment inside the bounds, and returns when its connection ends now. Whether a packet brings
 * something new cannot be foretold: a store is cheaper than a branch.
 */
export function moveWindows(sender: usize, segment: usize, sack: u32): u32 {
  const receiver = otherHalf(sender);
  const acknowledged = load<u32>(segment, ACKNOWLEDGED);
  const end = load<u32>(segment, END);
  const scaled = <u32>load<u16>(segment, WINDOW) << load<u8>(sender, WINDOW_SCALE);
  const offered = scaled + (sack - acknowledged);
  if (load<u32>(sender, WINDOW_MAX) < offered) store<u32>(sender, offered, WINDOW_MAX);
  const maxEnd = load<u32>(sender, WINDOW_MAX_END);
  if (<i32>(maxEnd - end) < 0) store<u32>(receiver, load<u32>(receiver, WINDOW_MAX) + end - maxEnd, WINDOW_MAX);
  const edge = sack + scaled;
  const allowed = load<u32>(receiver, WINDOW_MAX_END);
  store<u32>(receiver, select<u32>(edge, allowed, <i32>(allowed - 1 - edge) < 0), WINDOW_MAX_END);
  const highest = load<u32>(sender, Connection.MAX_ACK);
  store<u32>(sender, select<u32>(acknowledged, highest, <i32>(highest - acknowledged) < 0), Connection.MAX_ACK);
  // All ones if the segment brings something new.
  const ahead = load<u32>(sender, WINDOW_END) - end;
  const isNew = <u32>(<i32>ahead >> 31);
  store<u32>(sender, end + (ahead & ~isNew), WINDOW_END);
  const flags = <u32>load<u8>(sender, WINDOW_FLAGS) | (isNew & Connection.WINDOW_DATA_UNACKNOWLEDGED);
  store<u8>(sender, flags, WINDOW_FLAGS);
  const answered = u32(acknowledged == load<u32>(receiver, WINDOW_END)) * Connection.WINDOW_DATA_UNACKNOWLEDGED;
  const receiverFlags = <u32>load<u8>(receiver, WINDOW_FLAGS) & ~answered;
  store<u8>(receiver, receiverFlags, WINDOW_FLAGS);
  const isOpen = ((flags | receiverFlags) & Connection.WINDOW_DATA_UNACKNOWLEDGED) != 0;
  return select<u32>(load<u32>(deadlines, UNACKNOWLEDGED), load<u32>(deadlines), isOpen);
}

/**
 * Notes a segment as the last one, for noteRetransmission() of tcp-window.ts, and the deadline that moveWindows() has
 * found; if it is the same as the one before, there may be another.
 */
export function noteLast(connection: usize, segment: usize, deadline: u32): void {
  if (ASC_FEATURE_SIMD) {
    const last = v128.load(connection, Connection.LAST_SEQ);
    const now = v128.load(segment);
    v128.store(connection, now, Connection.LAST_SEQ);
    if ((i32x4.bitmask(i32x4.eq(last, now)) & SAME_NUMBERS) != SAME_NUMBERS) noteNew(connection, deadline);
    else noteSame(connection, i32x4.extract_lane(last, 3) ^ i32x4.extract_lane(now, 3), deadline);
  } else {
    const differs = load<u64>(connection, Connection.LAST_SEQ) != load<u64>(segment);
    const endDiffers = load<u32>(connection, Connection.LAST_END) != load<u32>(segment, END);
    const difference = load<u32>(connection, Connection.LAST_WINDOW) ^ load<u32>(segment, WINDOW);
    copy16(connection + Connection.LAST_SEQ, segment);
    if (differs || endDiffers) noteNew(connection, deadline);
    else noteSame(connection, difference, deadline);
  }
}

function noteNew(connection: usize, deadline: u32): void {
  store<u8>(connection, 0, Connection.RETRANSMITS);
  store<u32>(connection, deadline, Connection.EXPIRES_AT);
}

/** Notes a segment whose numbers are those of the last one; `difference`: of what both have from WINDOW to SACK. */
function noteSame(connection: usize, difference: u32, deadline: u32): void {
  const isRepeated = (difference & ~KIND_MASK) == 0;
  store<u32>(connection, isRepeated ? repeatedDeadline(connection, deadline) : deadline, Connection.EXPIRES_AT);
  if (!isRepeated) store<u8>(connection, 0, Connection.RETRANSMITS);
}

/** The deadline after one more retransmission, where `deadline` is that of a segment that came once. */
function repeatedDeadline(connection: usize, deadline: u32): u32 {
  const retransmits = (<u32>load<u8>(connection, Connection.RETRANSMITS) + 1) & 0xff;
  store<u8>(connection, retransmits, Connection.RETRANSMITS);
  const limit = timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_RETRANSMITTED);
  if (retransmits < load<u32>(engine, Engine.TCP_MAX_RETRANSMITS)) return deadline;
  return timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_ESTABLISHED) > limit ? clock() + limit : deadline;
}

/** A UDP connection that is a stream has been ASSURED by the tracker already. */
export function isStreamKnown(connection: usize): bool {
  return !isStream(connection) || (load<u16>(connection, Connection.STATUS) & Connection.STATUS_ASSURED) != 0;
}

/** Notes a UDP datagram: the deadline moves. */
export function noteDatagram(connection: usize): void {
  const timeout = timeoutMilliseconds(isStream(connection) ? State.TIMEOUT_UDP_STREAM : State.TIMEOUT_UDP);
  store<u32>(connection, clock() + timeout, Connection.EXPIRES_AT);
}

function isStream(connection: usize): bool {
  return clock() - load<u32>(connection, Connection.CREATED_AT) > STREAM_AFTER_MILLISECONDS;
}

/** Counts a packet of a direction. */
export function countPacket(half: usize, packetBytes: u32): void {
  store<u32>(half, load<u32>(half, Connection.PACKETS) + 1, Connection.PACKETS);
  store<u64>(half, load<u64>(half, Connection.BYTES) + packetBytes, Connection.BYTES);
}
