/**
 * TCP window tracking: is a segment one that the receiver could accept? The bounds are Guido van Rooij's ("Real Stateful
 * TCP Packet Filtering in IP Filter") with the kernel's tolerances, as tcp_in_window() of nf_conntrack_proto_tcp.c has them:
 *
 *   I    sequence      ≤ sender.maxEnd                          not more than the receiver allowed
 *   II   end           ≥ sender.end − receiver.maxWindow        not older than a window
 *   III  (s)ack        ≤ receiver.end                           nothing acknowledged that was not sent
 *   IV   (s)ack        ≥ receiver.end − max(66000, maxWindow)   not too old an acknowledgement
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { hasFlag } from "../memory/engine";
import { highestSack, readSynOptions } from "./tcp-options";
import { Segment, TcpWindow, forgetWays, isAfter, isBefore, maxAckOf, setMaxAck, windowOf } from "./tcp-segment";

/** In the window and noted; out of it, but to be passed without believing it; out of it. */
export const WINDOW_INSIDE: u32 = 0;
export const WINDOW_IGNORE: u32 = 1;
export const WINDOW_OUTSIDE: u32 = 2;

/** MAXACKWINCONST. */
export const ACK_WINDOW_MIN: u32 = 66000;

/** Checks a segment against both sides' windows and, if it is inside, moves them. */
export function checkWindow(segment: Segment): u32 {
  const connection = segment.connection;
  const sender = windowOf(connection, segment.direction);
  const receiver = windowOf(connection, segment.direction ^ 1);
  const state = <u32>load<u8>(connection, Connection.STATE);
  const flags = segment.flags;
  let acknowledged = segment.acknowledged;
  let sack = acknowledged;
  if (receiver.flags & Connection.WINDOW_SACK) sack = highestSack(segment.header, segment.headerBytes, acknowledged);

  if (sender.maxWindow == 0 && (flags & Wire.TCP_SYN) == 0) {
    pickUp(segment, sender, receiver, sack);
  } else if (sender.maxWindow == 0 || isNewerSyn(segment, sender, state)) {
    // A SYN in the reply direction without ACK opens simultaneously: the windows are not compared.
    const simultaneous = sender.maxWindow == 0 || segment.direction == State.DIRECTION_REPLY;
    startSender(segment, sender, receiver);
    if (simultaneous && (flags & Wire.TCP_ACK) == 0) return WINDOW_INSIDE;
  }
  // Without ACK, or with the zero that broken stacks put into an RST, nothing is claimed.
  if ((flags & Wire.TCP_ACK) == 0 || ((flags & Wire.TCP_RST) != 0 && acknowledged == 0)) {
    acknowledged = receiver.end;
    sack = acknowledged;
  }
  // An RST that answers a SYN has no number of its own.
  if ((flags & Wire.TCP_RST) != 0 && segment.sequence == 0 && state == State.TCP_SYN_SENT) {
    segment.sequence = sender.end;
    segment.end = sender.end;
  }
  const place = placeOf(segment, sender, receiver, sack);
  if (place != WINDOW_INSIDE) {
    const liberal = (sender.flags & Connection.WINDOW_BE_LIBERAL) != 0 || hasFlag(Engine.ENGINE_TCP_BE_LIBERAL);
    return liberal ? WINDOW_INSIDE : place;
  }
  moveWindows(segment, sender, receiver, acknowledged, sack);
  if (segment.kind == State.TCP_ACK) noteRetransmission(segment, acknowledged);
  return WINDOW_INSIDE;
}

/** First segment seen of this side, in mid-stream: its history is guessed from it. */
function pickUp(segment: Segment, sender: TcpWindow, receiver: TcpWindow, sack: u32): void {
  sender.end = segment.end;
  sender.maxWindow = max<u32>(segment.window << sender.scale, 1);
  sender.maxEnd = segment.end + sender.maxWindow;
  if (receiver.maxWindow == 0) {
    receiver.end = sack;
    receiver.maxEnd = sack;
  } else if (sack == receiver.end + 1) {
    // Likely the answer to a keep-alive, which carries one byte that was not counted.
    receiver.end++;
  }
}

/** RFC 9293 3.4: a connection may be started anew with numbers beyond those used before. */
function isNewerSyn(segment: Segment, sender: TcpWindow, state: u32): bool {
  if ((segment.flags & Wire.TCP_SYN) == 0 || !isAfter(segment.end, sender.end)) return false;
  return state == State.TCP_SYN_SENT || state == State.TCP_SYN_RECV;
}

/** A SYN starts its sender's window. RFC 7323 2.2: scaling counts only if both sides offer it. */
function startSender(segment: Segment, sender: TcpWindow, receiver: TcpWindow): void {
  sender.end = segment.end;
  sender.maxEnd = segment.end;
  sender.maxWindow = max<u32>(segment.window, 1);
  readSynOptions(segment.header, segment.headerBytes, sender);
  forgetWays(segment.connection);
  if (segment.direction == State.DIRECTION_REPLY && (sender.flags & receiver.flags & Connection.WINDOW_SCALING) == 0) {
    sender.scale = 0;
    receiver.scale = 0;
  }
}

/** Compares with the four bounds. More data than allowed is noted, because the other side may acknowledge it. */
function placeOf(segment: Segment, sender: TcpWindow, receiver: TcpWindow, sack: u32): u32 {
  const end = segment.end;
  const ackFloor = receiver.end - max<u32>(sender.maxWindow, ACK_WINDOW_MIN) - 1;
  const windowFloor = sender.end - receiver.maxWindow - 1;
  if (!isBefore(segment.sequence, sender.maxEnd + 1)) {
    const overshot = end - sender.maxEnd + 1;
    const onlyOvershot =
      receiver.maxWindow != 0 &&
      isAfter(end, windowFloor) &&
      isAfter(sack, ackFloor) &&
      overshot <= receiver.maxWindow &&
      isBefore(sack, receiver.end + 1);
    if (!onlyOvershot) return WINDOW_OUTSIDE;
    sender.end = end;
    sender.flags |= <u8>Connection.WINDOW_DATA_UNACKNOWLEDGED;
    return WINDOW_IGNORE;
  }
  if (!isBefore(sack, receiver.end + 1)) return WINDOW_OUTSIDE;
  if (receiver.maxWindow != 0 && !isAfter(end, windowFloor)) return WINDOW_IGNORE;
  return isAfter(sack, ackFloor) ? WINDOW_INSIDE : WINDOW_IGNORE;
}

function moveWindows(segment: Segment, sender: TcpWindow, receiver: TcpWindow, acknowledged: u32, sack: u32): void {
  const end = segment.end;
  // The window of a SYN is never scaled (RFC 7323 2.2).
  const window = segment.flags & Wire.TCP_SYN ? segment.window : segment.window << sender.scale;
  const offered = window + (sack - acknowledged);
  if (sender.maxWindow < offered) sender.maxWindow = offered;
  if (isAfter(end, sender.end)) {
    sender.end = end;
    sender.flags |= <u8>Connection.WINDOW_DATA_UNACKNOWLEDGED;
  }
  if (segment.flags & Wire.TCP_ACK) noteAcknowledged(segment, sender, acknowledged);
  if (receiver.maxWindow != 0 && isAfter(end, sender.maxEnd)) receiver.maxWindow += end - sender.maxEnd;
  if (isAfter(sack + window, receiver.maxEnd - 1)) receiver.maxEnd = sack + window + (window == 0 ? 1 : 0);
  if (acknowledged == receiver.end) receiver.flags &= <u8>~Connection.WINDOW_DATA_UNACKNOWLEDGED;
}

function noteAcknowledged(segment: Segment, sender: TcpWindow, acknowledged: u32): void {
  const isFirst = (sender.flags & Connection.WINDOW_MAX_ACK_SET) == 0;
  if (isFirst || isAfter(acknowledged, maxAckOf(segment.connection, segment.direction))) {
    setMaxAck(segment.connection, segment.direction, acknowledged);
    sender.flags |= <u8>Connection.WINDOW_MAX_ACK_SET;
  }
}

/** The same plain segment again is a retransmission; any other one starts the count anew. */
function noteRetransmission(segment: Segment, acknowledged: u32): void {
  const connection = segment.connection;
  const isSame =
    load<u32>(connection, Connection.LAST_SEQ) == segment.sequence &&
    load<u32>(connection, Connection.LAST_ACK) == acknowledged &&
    load<u32>(connection, Connection.LAST_END) == segment.end &&
    load<u16>(connection, Connection.LAST_WINDOW) == segment.window &&
    load<u8>(connection, Connection.LAST_DIRECTION) == segment.direction;
  if (isSame) {
    store<u8>(connection, load<u8>(connection, Connection.RETRANSMITS) + 1, Connection.RETRANSMITS);
    return;
  }
  store<u32>(connection, segment.sequence, Connection.LAST_SEQ);
  store<u32>(connection, acknowledged, Connection.LAST_ACK);
  store<u32>(connection, segment.end, Connection.LAST_END);
  store<u16>(connection, segment.window, Connection.LAST_WINDOW);
  store<u8>(connection, segment.direction, Connection.LAST_DIRECTION);
  store<u8>(connection, 0, Connection.RETRANSMITS);
}
