/**
 * The windows of an established TCP connection, as plain segments are held against them and move them. What tcp-window.ts and
 * tcp-timeout.ts do for all segments, in straight lines.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { clock, engine, timeoutMilliseconds } from "../memory/engine";
import { copy16 } from "../memory/words";
import { otherHalf } from "./half";
import { ACKNOWLEDGED, END, SACK, SEQUENCE, WINDOW } from "./plain-segment";
import { ACK_WINDOW_MIN } from "./tcp-window";

/** What two segments have in common from WINDOW to SACK that is not compared: their kind. */
const KIND_MASK: u32 = 0xff0000;

/** One side's window, from the half of its direction on. */
const WINDOW_END: usize = Connection.WINDOW + Connection.END;
const WINDOW_MAX_END: usize = Connection.WINDOW + Connection.MAX_END;
const WINDOW_MAX: usize = Connection.WINDOW + Connection.MAX_WINDOW;
const WINDOW_SCALE: usize = Connection.WINDOW + Connection.SCALE;
const WINDOW_FLAGS: usize = Connection.WINDOW + Connection.WINDOW_FLAGS;
if (Connection.END != 0 || Connection.MAX_END != 4 || Connection.MAX_WINDOW != 8) ERROR("a window's lanes are not where isOutside() looks");
if (Connection.WINDOW_LOG2 != Connection.DIRECTION_LOG2) ERROR("windows are not at the distance of halves");

/** Of numbers that must stay below an edge, the lanes; −1 stands there for a window's size. The least sizes of windows. */
const UPPER_LANES: i32 = 0b0101;
const sizesMin: usize = memory.data<u32>([0xffffffff, 0, 0xffffffff, ACK_WINDOW_MIN], 16);

/** From the sign of a number to the bit that says that there is data on its way. */
const NEW_SHIFT: u32 = 27;
if (Connection.WINDOW_DATA_UNACKNOWLEDGED != 1 << (31 - NEW_SHIFT)) ERROR("moveEnds() sets another flag");

/** When a connection ends that has a packet now: ordinarily, and with data on its way. */
const deadlines: usize = memory.data(8, 8);
const UNACKNOWLEDGED: usize = 4;

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
  const numbers = v128.shuffle<i32>(v128.load(segment), i32x4.splat(sack), 0, 2, 4, 4);
  const edges = v128.shuffle<i32>(own, others, 1, 0, 4, 4);
  const sizes = i32x4.max_u(v128.shuffle<i32>(others, own, 2, 2, 6, 6), v128.load(sizesMin));
  return i32x4.bitmask(i32x4.add(i32x4.sub(numbers, edges), sizes)) != UPPER_LANES;
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
 * Moves both windows' edges for a segment inside the bounds. Whether a packet brings something new cannot be foretold: a
 * store is cheaper than a branch.
 */
export function moveEdges(sender: usize, segment: usize, sack: u32): void {
  const receiver = otherHalf(sender);
  const end = load<u32>(segment, END);
  const scaled = <u32>load<u16>(segment, WINDOW) << load<u8>(sender, WINDOW_SCALE);
  const offered = scaled + (sack - load<u32>(segment, ACKNOWLEDGED));
  if (load<u32>(sender, WINDOW_MAX) < offered) store<u32>(sender, offered, WINDOW_MAX);
  const maxEnd = load<u32>(sender, WINDOW_MAX_END);
  if (<i32>(maxEnd - end) < 0) store<u32>(receiver, load<u32>(receiver, WINDOW_MAX) + end - maxEnd, WINDOW_MAX);
  const edge = sack + scaled;
  const allowed = load<u32>(receiver, WINDOW_MAX_END);
  store<u32>(receiver, select<u32>(edge, allowed, <i32>(allowed - 1 - edge) < 0), WINDOW_MAX_END);
}

/**
 * Moves what a sender has sent and acknowledged, behind moveEdges(), and returns when its connection ends now. In one function
 * both would be too long to be inlined into two loops.
 */
export function moveEnds(sender: usize, segment: usize): u32 {
  const receiver = otherHalf(sender);
  const acknowledged = load<u32>(segment, ACKNOWLEDGED);
  const highest = load<u32>(sender, Connection.MAX_ACK);
  store<u32>(sender, select<u32>(acknowledged, highest, <i32>(highest - acknowledged) < 0), Connection.MAX_ACK);
  const end = load<u32>(segment, END);
  const sent = load<u32>(sender, WINDOW_END);
  // Negative if the segment brings something new.
  const ahead = sent - end;
  store<u32>(sender, select<u32>(end, sent, <i32>ahead < 0), WINDOW_END);
  const flags = <u32>load<u8>(sender, WINDOW_FLAGS) | ((ahead >> NEW_SHIFT) & Connection.WINDOW_DATA_UNACKNOWLEDGED);
  store<u8>(sender, flags, WINDOW_FLAGS);
  const before: u32 = load<u8>(receiver, WINDOW_FLAGS);
  const isAnswer = acknowledged == load<u32>(receiver, WINDOW_END);
  const receiverFlags = select<u32>(before & ~Connection.WINDOW_DATA_UNACKNOWLEDGED, before, isAnswer);
  store<u8>(receiver, receiverFlags, WINDOW_FLAGS);
  const isOpen = ((flags | receiverFlags) & Connection.WINDOW_DATA_UNACKNOWLEDGED) != 0;
  return select<u32>(load<u32>(deadlines, UNACKNOWLEDGED), load<u32>(deadlines), isOpen);
}

/**
 * Notes a segment as the last one, for noteRetransmission() of tcp-window.ts, and the deadline that moveEnds() has
 * found; if it is the same as the one before, there may be another.
 */
export function noteLast(connection: usize, segment: usize, deadline: u32): void {
  if (load<u64>(connection, Connection.LAST_SEQ) != load<u64>(segment)) noteNew(connection, deadline);
  else noteSame(connection, load<u64>(connection, Connection.LAST_END) ^ load<u64>(segment, END), deadline);
  copy16(connection + Connection.LAST_SEQ, segment);
}

function noteNew(connection: usize, deadline: u32): void {
  store<u8>(connection, 0, Connection.RETRANSMITS);
  store<u32>(connection, deadline, Connection.EXPIRES_AT);
}

/** Notes a segment with the last one's sequence and acknowledgement; `difference`: of what both have from END to SACK. */
function noteSame(connection: usize, difference: u64, deadline: u32): void {
  const isRepeated = (difference & ~(<u64>KIND_MASK << 32)) == 0;
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
