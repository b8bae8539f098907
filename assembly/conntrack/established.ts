/**
 * The short way for what nearly every packet is: a plain segment of an established connection, or a datagram of an
 * answered one. Straight-line code over the record; whatever is not plain is left, untouched, to the trackers. What it
 * does is exactly what they would do.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { clock, engine, timeoutMilliseconds } from "../memory/engine";
import { account } from "./outcome";
import { highestSack } from "./tcp-options";
import { TcpWindow, isAfter, isBefore, windowOf } from "./tcp-segment";
import { ACK_WINDOW_MIN } from "./tcp-window";
import { STREAM_AFTER_MILLISECONDS } from "./udp";

/** Done: the packet is ESTABLISHED. Nothing was changed: track() must see it. */
export const FAST_DONE: u32 = 0;
export const FAST_NOT: u32 = 1;

const ANSWERED_STATUS: u32 = Connection.STATUS_CONFIRMED | Connection.STATUS_SEEN_REPLY;
const PLAIN_STATUS: u32 = ANSWERED_STATUS | Connection.STATUS_ASSURED;
/** What must not be set besides. */
const ODD_STATUS: u32 = Connection.STATUS_DYING | Connection.STATUS_FIXED_TIMEOUT | Connection.STATUS_NAT_CLASH;

/** LAST_WINDOW, LAST_INDEX and LAST_DIRECTION are one word. */
const LAST_INDEX_MASK: u32 = 0xff0000;
if (Connection.LAST_INDEX != Connection.LAST_WINDOW + 2) ERROR("LAST_INDEX is not where noteSegment() stores it");
if (Connection.LAST_DIRECTION != Connection.LAST_WINDOW + 3) ERROR("LAST_DIRECTION is not where noteSegment() stores it");
if (Connection.LAST_ACK != Connection.LAST_SEQ + 4) ERROR("LAST_ACK is not where noteSegment() stores it");

/**
 * A TCP segment of `bytes` bytes from its header on, in a packet of `packetBytes`, whose checksum was verified and whose
 * tuple is the direction's: window, deadline and counters move if it is a plain one in the window.
 */
export function trackEstablishedTcp(connection: usize, direction: u32, header: usize, bytes: u32, packetBytes: u32): u32 {
  if (bytes < Wire.TCP_SIZE || !isAlive(connection, PLAIN_STATUS)) return FAST_NOT;
  if (load<u8>(connection, Connection.STATE) != State.TCP_ESTABLISHED) return FAST_NOT;
  const lengthAndFlags = <u32>load<u16>(header, Wire.TCP_DATA_OFFSET);
  const headerBytes = ((lengthAndFlags >> 4) & 15) << 2;
  const odd: u32 = Wire.TCP_FIN | Wire.TCP_SYN | Wire.TCP_RST | Wire.TCP_URG | Wire.TCP_ACK;
  if (((lengthAndFlags >> 8) & odd) != Wire.TCP_ACK || headerBytes < Wire.TCP_SIZE || headerBytes > bytes) return FAST_NOT;

  const sender = windowOf(connection, direction);
  const receiver = windowOf(connection, direction ^ 1);
  const sequence = bswap<u32>(load<u32>(header, Wire.TCP_SEQUENCE));
  const acknowledged = bswap<u32>(load<u32>(header, Wire.TCP_ACKNOWLEDGED));
  const windowBytes = <u32>bswap<u16>(load<u16>(header, Wire.TCP_WINDOW));
  const end = sequence + bytes - headerBytes;
  const mayHaveSack = headerBytes > Wire.TCP_SIZE && (receiver.flags & Connection.WINDOW_SACK) != 0;
  const hasSack = mayHaveSack && !hasOnlyTimestamp(header, headerBytes);
  const sack = hasSack ? highestSack(header, headerBytes, acknowledged) : acknowledged;
  if (!isInside(sender, receiver, sequence, end, sack)) return FAST_NOT;

  moveSender(connection, direction, sender, end, (windowBytes << sender.scale) + (sack - acknowledged), acknowledged);
  moveReceiver(sender, receiver, end, sack + (windowBytes << sender.scale), windowBytes, acknowledged);
  const retransmits = noteSegment(connection, direction, sequence, acknowledged, end, windowBytes);
  const timeout = establishedTimeout(retransmits, isUnacknowledged(sender, receiver), windowBytes);
  store<u32>(connection, clock() + timeout, Connection.EXPIRES_AT);
  account(connection, direction, packetBytes);
  return FAST_DONE;
}

/** A UDP datagram of an answered connection, its lengths and checksum verified. Only a stream is ASSURED. */
export function trackEstablishedUdp(connection: usize, direction: u32, packetBytes: u32): u32 {
  const now = clock();
  const isStream = now - load<u32>(connection, Connection.CREATED_AT) > STREAM_AFTER_MILLISECONDS;
  if (!isAlive(connection, isStream ? PLAIN_STATUS : ANSWERED_STATUS)) return FAST_NOT;
  const timeout = timeoutMilliseconds(isStream ? State.TIMEOUT_UDP_STREAM : State.TIMEOUT_UDP);
  store<u32>(connection, now + timeout, Connection.EXPIRES_AT);
  account(connection, direction, packetBytes);
  return FAST_DONE;
}

/** All of these bits, none of ODD_STATUS, and time left. */
function isAlive(connection: usize, bits: u32): bool {
  const status = <u32>load<u16>(connection, Connection.STATUS);
  if ((status & (bits | ODD_STATUS)) != bits) return false;
  return <i32>(load<u32>(connection, Connection.EXPIRES_AT) - clock()) > 0;
}

function hasOnlyTimestamp(header: usize, headerBytes: u32): bool {
  if (headerBytes != Wire.TCP_SIZE + Wire.TCP_ONLY_TIMESTAMP_SIZE) return false;
  return load<u32>(header, Wire.TCP_OPTIONS) == Wire.TCP_ONLY_TIMESTAMP;
}

/** The four bounds of tcp-window.ts, for two sides that are both known. */
function isInside(sender: TcpWindow, receiver: TcpWindow, sequence: u32, end: u32, sack: u32): bool {
  const senderMax = sender.maxWindow;
  const receiverMax = receiver.maxWindow;
  const receiverEnd = receiver.end;
  return (
    senderMax != 0 &&
    receiverMax != 0 &&
    isBefore(sequence, sender.maxEnd + 1) &&
    isBefore(sack, receiverEnd + 1) &&
    isAfter(end, sender.end - receiverMax - 1) &&
    isAfter(sack, receiverEnd - max<u32>(senderMax, ACK_WINDOW_MIN) - 1)
  );
}

function moveSender(connection: usize, direction: u32, sender: TcpWindow, end: u32, offered: u32, acknowledged: u32): void {
  if (sender.maxWindow < offered) sender.maxWindow = offered;
  let flags = <u32>sender.flags;
  if (isAfter(end, sender.end)) {
    sender.end = end;
    flags |= Connection.WINDOW_DATA_UNACKNOWLEDGED;
  }
  const maxAck = connection + (<usize>direction << 2);
  const highest = load<u32>(maxAck, Connection.MAX_ACK);
  const isHigher = (flags & Connection.WINDOW_MAX_ACK_SET) == 0 || isAfter(acknowledged, highest);
  // Every other packet acknowledges something new: a store is cheaper than a branch that cannot be foretold.
  store<u32>(maxAck, select<u32>(acknowledged, highest, isHigher), Connection.MAX_ACK);
  sender.flags = <u8>(flags | Connection.WINDOW_MAX_ACK_SET);
}

function moveReceiver(sender: TcpWindow, receiver: TcpWindow, end: u32, edge: u32, windowBytes: u32, acknowledged: u32): void {
  if (isAfter(end, sender.maxEnd)) receiver.maxWindow += end - sender.maxEnd;
  if (isAfter(edge, receiver.maxEnd - 1)) receiver.maxEnd = edge + (windowBytes == 0 ? 1 : 0);
  if (acknowledged == receiver.end) receiver.flags &= <u8>~Connection.WINDOW_DATA_UNACKNOWLEDGED;
}

/** tcpTimeout() for an ACK that leaves its connection ESTABLISHED, in milliseconds. */
function establishedTimeout(retransmits: u32, unacknowledged: bool, windowBytes: u32): u32 {
  const ordinary = timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_ESTABLISHED);
  const isRetransmitted = retransmits >= load<u32>(engine, Engine.TCP_MAX_RETRANSMITS);
  if (isRetransmitted || (windowBytes == 0 && !unacknowledged)) {
    return min(ordinary, timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_RETRANSMITTED));
  }
  const shorter = min(ordinary, timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED));
  return select<u32>(shorter, ordinary, unacknowledged);
}

function isUnacknowledged(sender: TcpWindow, receiver: TcpWindow): bool {
  return ((sender.flags | receiver.flags) & Connection.WINDOW_DATA_UNACKNOWLEDGED) != 0;
}

/**
 * What noteRetransmission() of tcp-window.ts keeps, and that the last segment was a plain one; says how often it has come.
 * Fields that are neighbours are compared and stored together: sequence and acknowledgement; window, kind and direction.
 */
function noteSegment(connection: usize, direction: u32, sequence: u32, acknowledged: u32, end: u32, windowBytes: u32): u32 {
  const numbers = <u64>sequence | (<u64>acknowledged << 32);
  const windowAndDirection = windowBytes | (direction << 24);
  const isSame =
    load<u64>(connection, Connection.LAST_SEQ) == numbers &&
    load<u32>(connection, Connection.LAST_END) == end &&
    (load<u32>(connection, Connection.LAST_WINDOW) & ~LAST_INDEX_MASK) == windowAndDirection;
  const retransmits = isSame ? (<u32>load<u8>(connection, Connection.RETRANSMITS) + 1) & 0xff : 0;
  store<u8>(connection, retransmits, Connection.RETRANSMITS);
  store<u64>(connection, numbers, Connection.LAST_SEQ);
  store<u32>(connection, end, Connection.LAST_END);
  store<u32>(connection, windowAndDirection | (State.TCP_ACK << 16), Connection.LAST_WINDOW);
  return retransmits;
}
