/** The TCP tracker: nf_conntrack_tcp_packet() of nf_conntrack_proto_tcp.c. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { clock, hasFlag, timeoutMilliseconds } from "../memory/engine";
import { Packet } from "../packet";
import { hasTcpHeader } from "../wire/tcp";
import { ACCEPT, REPEAT, account, addStatus, invalid, isChecksumWrong, refresh, statusOf } from "./outcome";
import { removeConnection } from "./table";
import { isChallengeAck, isReopened, passIgnored } from "./tcp-ignore";
import { readSynOptions } from "./tcp-options";
import { REFUSED, SKIP_WINDOW, checkReset } from "./tcp-reset";
import { Segment, readSegment, windowOf } from "./tcp-segment";
import { areTcpFlagsValid, nextTcpState } from "./tcp-states";
import { tcpTimeout } from "./tcp-timeout";
import { WINDOW_IGNORE, WINDOW_INSIDE, WINDOW_OUTSIDE, checkWindow } from "./tcp-window";

/** nf_tcp_handle_invalid() leaves deadlines alone that are nearer than this. */
const LOWERED_FROM_MILLISECONDS: i32 = 120_000;

/** Tracks a segment of a connection: ACCEPT, INVALID, or REPEAT: the connection is gone, look again. */
export function trackTcp(packet: Packet, connection: usize, direction: u32): u32 {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (!hasTcpHeader(header, bytes)) return invalid(State.INVALID_HEADER);
  if (isChecksumWrong(packet)) return invalid(State.INVALID_CHECKSUM);
  const segment = readSegment(connection, direction, header, bytes);
  if (!areTcpFlagsValid(segment.flags)) return invalid(State.INVALID_FLAGS);
  const isConfirmed = (statusOf(connection) & Connection.STATUS_CONFIRMED) != 0;
  if (!isConfirmed) {
    if (!startConnection(segment)) return invalid(State.INVALID_FIRST);
    if (segment.kind == State.TCP_SYN) {
      openBySyn(packet, segment);
      return ACCEPT;
    }
  }
  let state = <u32>load<u8>(connection, Connection.STATE);
  let next = nextTcpState(direction, segment.kind, state);
  if (next == State.TCP_MAX) return invalid(State.INVALID_STATE);
  const isReopening = next == State.TCP_SYN_SENT && state >= State.TCP_TIME_WAIT;
  if (isReopening && isReopened(segment)) {
    removeConnection(connection, Engine.CLOSED);
    return REPEAT;
  }
  if (isReopening || next == State.TCP_IGNORE) {
    if (passIgnored(segment, state)) return ACCEPT;
    // The server took up a SYN that was let through: both know better, and the connection starts again.
    state = State.TCP_SYN_SENT;
    next = State.TCP_SYN_RECV;
  } else if (next == State.TCP_TIME_WAIT && isChallengeAck(segment, state)) {
    return ACCEPT;
  } else {
    next = withSimultaneousOpen(segment, next);
  }
  if (next == State.TCP_CLOSE && segment.kind == State.TCP_RST) {
    next = checkReset(segment, state);
    if (next == REFUSED) return invalid(State.INVALID_RESET);
  }
  if ((next & SKIP_WINDOW) == 0) {
    const place = checkWindow(segment);
    if (place == WINDOW_OUTSIDE) hurryInvalid(segment);
    if (place != WINDOW_INSIDE) return place == WINDOW_IGNORE ? ACCEPT : invalid(State.INVALID_WINDOW);
  }
  moveTo(segment, packet.bytes, state, next & ~SKIP_WINDOW);
  return ACCEPT;
}

/** tcp_new(): a SYN starts a connection; so does an ACK in mid-stream, if the tracker is loose. */
function startConnection(segment: Segment): bool {
  const connection = segment.connection;
  const next = nextTcpState(State.DIRECTION_ORIGINAL, segment.kind, State.TCP_NONE);
  if (next >= State.TCP_MAX) return false;
  const sender = windowOf(connection, State.DIRECTION_ORIGINAL);
  sender.end = segment.end;
  sender.maxWindow = max<u32>(segment.window, 1);
  store<u8>(connection, State.TCP_NO_FLAGS, Connection.LAST_INDEX);
  if (next == State.TCP_SYN_SENT) {
    sender.maxEnd = segment.end;
    readSynOptions(segment.header, segment.headerBytes, sender);
    return true;
  }
  if (!hasFlag(Engine.ENGINE_TCP_LOOSE)) return false;
  // The window's scale is not known: both sides may do as they like.
  sender.maxEnd = segment.end + sender.maxWindow;
  sender.flags = <u8>(Connection.WINDOW_SACK | Connection.WINDOW_BE_LIBERAL);
  windowOf(connection, State.DIRECTION_REPLY).flags = sender.flags;
  return true;
}

/** What the checks below come to for the SYN that starts a connection: the other side may send what its window holds. */
function openBySyn(packet: Packet, segment: Segment): void {
  const connection = segment.connection;
  windowOf(connection, State.DIRECTION_REPLY).maxEnd = windowOf(connection, State.DIRECTION_ORIGINAL).maxWindow;
  moveTo(segment, packet.bytes, State.TCP_NONE, State.TCP_SYN_SENT);
}

/** The table does not know simultaneous opens: the SYN of the other side is remembered, and its ACK establishes. */
function withSimultaneousOpen(segment: Segment, next: u32): u32 {
  const lastFlags = <u32>load<u8>(segment.connection, Connection.LAST_FLAGS);
  if (next == State.TCP_SYN_SENT2) {
    store<u8>(segment.connection, lastFlags | Connection.WINDOW_SIMULTANEOUS_OPEN, Connection.LAST_FLAGS);
  } else if (
    next == State.TCP_SYN_RECV &&
    segment.direction == State.DIRECTION_REPLY &&
    segment.kind == State.TCP_ACK &&
    (lastFlags & Connection.WINDOW_SIMULTANEOUS_OPEN) != 0
  ) {
    return State.TCP_ESTABLISHED;
  }
  return next;
}

/**
 * nf_tcp_handle_invalid(): when both sides of an ASSURED connection send a FIN or RST out of the window, tracker and
 * connection are out of step, and it need not live for days.
 */
function hurryInvalid(segment: Segment): void {
  const connection = segment.connection;
  const status = statusOf(connection);
  if ((status & (Connection.STATUS_ASSURED | Connection.STATUS_FIXED_TIMEOUT)) != Connection.STATUS_ASSURED) return;
  if (segment.kind != State.TCP_RST && segment.kind != State.TCP_FIN) return;
  const last = <u32>load<u8>(connection, Connection.LAST_INDEX);
  const isAnswer = load<u8>(connection, Connection.LAST_DIRECTION) != segment.direction;
  if (!isAnswer || (last != State.TCP_FIN && last != State.TCP_RST)) {
    store<u8>(connection, segment.kind, Connection.LAST_INDEX);
    store<u8>(connection, segment.direction, Connection.LAST_DIRECTION);
    return;
  }
  const left = <i32>(load<u32>(connection, Connection.EXPIRES_AT) - clock());
  const shorter = timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED);
  if (left >= LOWERED_FROM_MILLISECONDS && left > <i32>shorter) store<u32>(connection, clock() + shorter, Connection.EXPIRES_AT);
}

/**
 * A segment in the window, in a packet of so many bytes, brings its connection from a state to the next: deadline, ASSURED,
 * end by RST.
 */
export function moveTo(segment: Segment, packetBytes: u32, state: u32, next: u32): void {
  const connection = segment.connection;
  const direction = segment.direction;
  store<u8>(connection, segment.kind, Connection.LAST_INDEX);
  store<u8>(connection, direction, Connection.LAST_DIRECTION);
  store<u8>(connection, next, Connection.STATE);
  if (next == State.TCP_FIN_WAIT && state != next) windowOf(connection, direction).flags |= <u8>Connection.WINDOW_CLOSE_INIT;
  let which = tcpTimeout(connection, segment.kind, next);
  const status = statusOf(connection);
  if ((status & Connection.STATUS_SEEN_REPLY) == 0) {
    if (segment.kind == State.TCP_RST) {
      // The only answer is an RST: there is no connection.
      account(connection, direction, packetBytes);
      removeConnection(connection, Engine.CLOSED);
      return;
    }
    // A repeated SYN gains no time, else a reused port could keep a dead mapping alive for ever.
    if (segment.kind == State.TCP_SYN && state == State.TCP_SYN_SENT) return;
    which = withoutReply(which, next);
  } else if (next == State.TCP_ESTABLISHED && (state == State.TCP_SYN_RECV || state == State.TCP_ESTABLISHED)) {
    addStatus(connection, Connection.STATUS_ASSURED);
  }
  refresh(connection, direction, packetBytes, timeoutMilliseconds(which));
}

/** Picked up in mid-stream, and no answer yet: not the days of an established connection. */
function withoutReply(which: u32, next: u32): u32 {
  if (next != State.TCP_ESTABLISHED) return which;
  const limit = State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED;
  return timeoutMilliseconds(which) > timeoutMilliseconds(limit) ? limit : which;
}
