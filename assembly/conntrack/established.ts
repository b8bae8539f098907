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
import { account } from "./outcome";
import { highestSack } from "./tcp-options";
import { isAfter, windowOf } from "./tcp-segment";
import { ACK_WINDOW_MIN } from "./tcp-window";
import { STREAM_AFTER_MILLISECONDS } from "./udp";

const ANSWERED_STATUS: u32 = Connection.STATUS_CONFIRMED | Connection.STATUS_SEEN_REPLY;
const PLAIN_STATUS: u32 = ANSWERED_STATUS | Connection.STATUS_ASSURED;
/** What must not be set besides. */
const ODD_STATUS: u32 = Connection.STATUS_DYING | Connection.STATUS_FIXED_TIMEOUT | Connection.STATUS_NAT_CLASH;

/** PROTOCOL, STATE and STATUS are one word. */
const STATE_SHIFT: u32 = 8;
const STATUS_SHIFT: u32 = 16;
const PLAIN_TCP: u32 = Protocol.TCP | (State.TCP_ESTABLISHED << STATE_SHIFT) | (PLAIN_STATUS << STATUS_SHIFT);
const PLAIN_TCP_MASK: u32 = 0xffff | ((PLAIN_STATUS | ODD_STATUS) << STATUS_SHIFT);
const PLAIN_UDP: u32 = Protocol.UDP | (ANSWERED_STATUS << STATUS_SHIFT);
const PLAIN_UDP_MASK: u32 = 0xffff | ((ANSWERED_STATUS | ODD_STATUS) << STATUS_SHIFT);
if (Connection.STATE != Connection.PROTOCOL + 1) ERROR("STATE is not where isPlain() looks");
if (Connection.STATUS != Connection.PROTOCOL + 2) ERROR("STATUS is not where isPlain() looks");

/** LAST_WINDOW, LAST_INDEX and LAST_DIRECTION are one word. */
const LAST_INDEX_MASK: u32 = 0xff0000;
const LAST_DIRECTION_SHIFT: u32 = 24;
if (Connection.LAST_INDEX != Connection.LAST_WINDOW + 2) ERROR("LAST_INDEX is not where noteLast() stores it");
if (Connection.LAST_DIRECTION != Connection.LAST_WINDOW + 3) ERROR("LAST_DIRECTION is not where noteLast() stores it");
if (Connection.LAST_ACK != Connection.LAST_SEQ + 4) ERROR("LAST_ACK is not where noteLast() stores it");

/** Data offset, flags and window of a TCP header are one word, here as loaded. */
const ODD_FLAGS: u32 = (Wire.TCP_FIN | Wire.TCP_SYN | Wire.TCP_RST | Wire.TCP_URG | Wire.TCP_ACK) << 8;
const PLAIN_FLAGS: u32 = Wire.TCP_ACK << 8;
if (Wire.TCP_FLAGS != Wire.TCP_DATA_OFFSET + 1) ERROR("the flags are not where isSegmentPlain() looks");

/** The connection is of the protocol, confirmed and answered; if it is TCP's, ASSURED and ESTABLISHED, too. */
export function isPlain(connection: usize, isTcp: bool): bool {
  const word = load<u32>(connection, Connection.PROTOCOL);
  return (word & (isTcp ? PLAIN_TCP_MASK : PLAIN_UDP_MASK)) == (isTcp ? PLAIN_TCP : PLAIN_UDP);
}

/** The connection's time is not over. */
export function isAlive(connection: usize): bool {
  return <i32>(load<u32>(connection, Connection.EXPIRES_AT) - clock()) > 0;
}

/**
 * A TCP segment of `bytes` bytes from its header on, in a packet of `packetBytes`, whose checksum was verified and whose
 * tuple is the direction's, of a connection that is plain and alive: window, deadline and counters move. False: the
 * segment is not a plain one in the window, and nothing has been changed.
 */
export function trackEstablishedTcp(connection: usize, direction: u32, header: usize, bytes: u32, packetBytes: u32): bool {
  const word = load<u32>(header, Wire.TCP_DATA_OFFSET);
  if (!isSegmentPlain(word, bytes)) return false;
  const headerBytes = headerBytesOf(word);
  const sequence = bswap<u32>(load<u32>(header, Wire.TCP_SEQUENCE));
  const acknowledged = bswap<u32>(load<u32>(header, Wire.TCP_ACKNOWLEDGED));
  const end = sequence + bytes - headerBytes;
  const sack = sackOf(connection, direction, header, headerBytes, acknowledged);
  if (!isSegmentInside(connection, direction, sequence, end, sack)) return false;
  const window = ((word >> 8) & 0xff00) | (word >> 24);
  const isOpen = moveWindows(connection, direction, end, acknowledged, sack, window);
  const retransmits = noteLast(connection, direction, sequence, acknowledged, end, window);
  noteAlive(connection, direction, packetBytes, establishedTimeout(retransmits, isOpen, window));
  return true;
}

/** The same for a UDP datagram, its length verified, too. The one that makes its connection ASSURED is not plain. */
export function trackEstablishedUdp(connection: usize, direction: u32, packetBytes: u32): bool {
  const isStream = clock() - load<u32>(connection, Connection.CREATED_AT) > STREAM_AFTER_MILLISECONDS;
  if (isStream && (load<u16>(connection, Connection.STATUS) & Connection.STATUS_ASSURED) == 0) return false;
  noteAlive(connection, direction, packetBytes, timeoutMilliseconds(isStream ? State.TIMEOUT_UDP_STREAM : State.TIMEOUT_UDP));
  return true;
}

/** It neither opens nor ends anything. `word`: the four bytes at TCP_DATA_OFFSET. */
function isSegmentPlain(word: u32, bytes: u32): bool {
  const header = headerBytesOf(word);
  return (word & ODD_FLAGS) == PLAIN_FLAGS && header >= Wire.TCP_SIZE && header <= bytes;
}

function headerBytesOf(word: u32): u32 {
  return (word & 0xf0) >> 2;
}

/** The highest number that a segment acknowledges, selectively or not. */
function sackOf(connection: usize, direction: u32, header: usize, headerBytes: u32, acknowledged: u32): u32 {
  if (headerBytes == Wire.TCP_SIZE) return acknowledged;
  if (hasOnlyTimestamp(header, headerBytes)) return acknowledged;
  if ((windowOf(connection, direction ^ 1).flags & Connection.WINDOW_SACK) == 0) return acknowledged;
  return highestSack(header, headerBytes, acknowledged);
}

function hasOnlyTimestamp(header: usize, headerBytes: u32): bool {
  if (headerBytes != Wire.TCP_SIZE + Wire.TCP_ONLY_TIMESTAMP_SIZE) return false;
  return load<u32>(header, Wire.TCP_OPTIONS) == Wire.TCP_ONLY_TIMESTAMP;
}

/** The four bounds of tcp-window.ts, for two sides that are both known. */
function isSegmentInside(connection: usize, direction: u32, sequence: u32, end: u32, sack: u32): bool {
  const sender = windowOf(connection, direction);
  const receiver = windowOf(connection, direction ^ 1);
  const senderMax = sender.maxWindow;
  const receiverMax = receiver.maxWindow;
  if (senderMax == 0) return false;
  if (receiverMax == 0) return false;
  const beyond = receiver.end + 1;
  // Four comparisons as isBefore() and isAfter() make them, by the signs of differences: one branch for all.
  const signs =
    (sequence - (sender.maxEnd + 1)) &
    (sack - beyond) &
    (sender.end - receiverMax - 1 - end) &
    (beyond - 2 - max<u32>(senderMax, ACK_WINDOW_MIN) - sack);
  return <i32>signs < 0;
}

/**
 * Moves both windows for a segment inside them: true: data is on its way that was not acknowledged. Whether a packet
 * brings something new cannot be foretold: a store is cheaper than a branch.
 */
function moveWindows(connection: usize, direction: u32, end: u32, acknowledged: u32, sack: u32, window: u32): bool {
  const sender = windowOf(connection, direction);
  const receiver = windowOf(connection, direction ^ 1);
  const scaled = window << sender.scale;
  const senderEnd = sender.end;
  const isNew = isAfter(end, senderEnd);
  const offered = scaled + (sack - acknowledged);
  if (sender.maxWindow < offered) sender.maxWindow = offered;
  sender.end = select<u32>(end, senderEnd, isNew);
  const flags = <u32>sender.flags | (u32(isNew) * Connection.WINDOW_DATA_UNACKNOWLEDGED);
  noteAcknowledged(connection, direction, acknowledged, (flags & Connection.WINDOW_MAX_ACK_SET) == 0);
  sender.flags = <u8>(flags | Connection.WINDOW_MAX_ACK_SET);
  if (isAfter(end, sender.maxEnd)) receiver.maxWindow += end - sender.maxEnd;
  const edge = sack + scaled;
  const receiverMaxEnd = receiver.maxEnd;
  receiver.maxEnd = select<u32>(edge + u32(window == 0), receiverMaxEnd, isAfter(edge, receiverMaxEnd - 1));
  const answered = u32(acknowledged == receiver.end) * Connection.WINDOW_DATA_UNACKNOWLEDGED;
  const receiverFlags = <u32>receiver.flags & ~answered;
  receiver.flags = <u8>receiverFlags;
  return ((flags | receiverFlags) & Connection.WINDOW_DATA_UNACKNOWLEDGED) != 0;
}

function noteAcknowledged(connection: usize, direction: u32, acknowledged: u32, isFirst: bool): void {
  const at = connection + (<usize>direction << Connection.DIRECTION_LOG2);
  const highest = load<u32>(at, Connection.MAX_ACK);
  const isHigher = u32(isFirst) | u32(isAfter(acknowledged, highest));
  store<u32>(at, select<u32>(acknowledged, highest, isHigher != 0), Connection.MAX_ACK);
}

/**
 * What noteRetransmission() of tcp-window.ts keeps, and that the last segment was a plain one; says how often it has come.
 * Fields that are neighbours are compared and stored together: sequence and acknowledgement; window, kind and direction.
 */
function noteLast(connection: usize, direction: u32, sequence: u32, acknowledged: u32, end: u32, window: u32): u32 {
  const numbers = <u64>sequence | (<u64>acknowledged << 32);
  const windowAndDirection = window | (direction << LAST_DIRECTION_SHIFT);
  const difference =
    (load<u64>(connection, Connection.LAST_SEQ) ^ numbers) |
    (load<u32>(connection, Connection.LAST_END) ^ end) |
    ((load<u32>(connection, Connection.LAST_WINDOW) & ~LAST_INDEX_MASK) ^ windowAndDirection);
  const retransmits = difference == 0 ? (<u32>load<u8>(connection, Connection.RETRANSMITS) + 1) & 0xff : 0;
  store<u8>(connection, retransmits, Connection.RETRANSMITS);
  store<u64>(connection, numbers, Connection.LAST_SEQ);
  store<u32>(connection, end, Connection.LAST_END);
  store<u32>(connection, windowAndDirection | (State.TCP_ACK << 16), Connection.LAST_WINDOW);
  return retransmits;
}

/** tcpTimeout() for an ACK that leaves its connection ESTABLISHED, in milliseconds. */
function establishedTimeout(retransmits: u32, unacknowledged: bool, window: u32): u32 {
  const ordinary = timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_ESTABLISHED);
  const isRetransmitted = u32(retransmits >= load<u32>(engine, Engine.TCP_MAX_RETRANSMITS));
  const isShut = u32(window == 0) & u32(!unacknowledged);
  if ((isRetransmitted | isShut) != 0) return min(ordinary, timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_RETRANSMITTED));
  const shorter = min(ordinary, timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED));
  return select<u32>(shorter, ordinary, unacknowledged);
}

/** A new deadline, and one more packet. */
function noteAlive(connection: usize, direction: u32, packetBytes: u32, timeout: u32): void {
  store<u32>(connection, clock() + timeout, Connection.EXPIRES_AT);
  account(connection, direction, packetBytes);
}
