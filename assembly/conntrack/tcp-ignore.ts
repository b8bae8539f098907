/**
 * Segments that are passed without being believed, because tracker and connection may be out of step: a SYN or SYN ACK
 * in mid-connection, an ACK that answers a SYN. What they said is remembered: the answer to them tells who was right.
 */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import { readSynOptions } from "./tcp-options";
import { Segment, TcpWindow, forgetWays, resetWindow, windowOf } from "./tcp-segment";

/** A scratch window for the options of a SYN that is not believed. */
const ignoredWindow: usize = memory.data(16, 16);

/**
 * A SYN meets a connection that is over: it closed in order, or this side has just reset it (RFC 1122 4.2.2.13). Then
 * the old connection goes and the SYN starts a new one.
 */
export function isReopened(segment: Segment): bool {
  const connection = segment.connection;
  const flags = windowOf(connection, State.DIRECTION_ORIGINAL).flags | windowOf(connection, State.DIRECTION_REPLY).flags;
  if (flags & Connection.WINDOW_CLOSE_INIT) return true;
  return (
    load<u8>(connection, Connection.LAST_DIRECTION) == segment.direction &&
    load<u8>(connection, Connection.LAST_INDEX) == State.TCP_RST
  );
}

/**
 * Passes and remembers a segment that is not believed: true. False: it is the SYN ACK that answers the SYN ignored
 * before, and the windows are now as that SYN wanted them.
 */
export function passIgnored(segment: Segment, state: u32): bool {
  const connection = segment.connection;
  if (answersIgnoredSyn(segment)) {
    believeIgnoredSyn(segment);
    return false;
  }
  store<u8>(connection, segment.kind, Connection.LAST_INDEX);
  store<u8>(connection, segment.direction, Connection.LAST_DIRECTION);
  store<u32>(connection, segment.sequence, Connection.LAST_SEQ);
  store<u32>(connection, segment.end, Connection.LAST_END);
  store<u16>(connection, segment.window, Connection.LAST_WINDOW);
  if (segment.kind == State.TCP_SYN && segment.direction == State.DIRECTION_ORIGINAL) rememberOptions(segment, state);
  // It may be a challenge ACK (RFC 5961 4): the RST that answers it has this number.
  if (state == State.TCP_SYN_SENT && segment.kind == State.TCP_ACK && segment.direction == State.DIRECTION_REPLY) {
    store<u32>(connection, segment.acknowledged, Connection.LAST_ACK);
  }
  return true;
}

/** An ACK in LAST_ACK that answers an ignored SYN does not acknowledge the FIN: it is a challenge (RFC 5961 4). Once. */
export function isChallengeAck(segment: Segment, state: u32): bool {
  const connection = segment.connection;
  const lastFlags = <u32>load<u8>(connection, Connection.LAST_FLAGS);
  const isChallenge =
    state == State.TCP_LAST_ACK &&
    segment.kind == State.TCP_ACK &&
    load<u8>(connection, Connection.LAST_DIRECTION) != segment.direction &&
    load<u8>(connection, Connection.LAST_INDEX) == State.TCP_SYN &&
    (lastFlags & Connection.WINDOW_CHALLENGE_ACK) != 0;
  if (isChallenge) store<u8>(connection, lastFlags & ~Connection.WINDOW_CHALLENGE_ACK, Connection.LAST_FLAGS);
  return isChallenge;
}

function answersIgnoredSyn(segment: Segment): bool {
  const connection = segment.connection;
  return (
    segment.kind == State.TCP_SYNACK &&
    load<u8>(connection, Connection.LAST_INDEX) == State.TCP_SYN &&
    load<u8>(connection, Connection.LAST_DIRECTION) != segment.direction &&
    load<u32>(connection, Connection.LAST_END) == segment.acknowledged
  );
}

function believeIgnoredSyn(segment: Segment): void {
  const connection = segment.connection;
  const client = windowOf(connection, load<u8>(connection, Connection.LAST_DIRECTION));
  const lastFlags = <u32>load<u8>(connection, Connection.LAST_FLAGS) & ~Connection.WINDOW_CHALLENGE_ACK;
  const end = load<u32>(connection, Connection.LAST_END);
  store<u8>(connection, lastFlags, Connection.LAST_FLAGS);
  client.end = end;
  client.maxEnd = end;
  client.maxWindow = max<u32>(load<u16>(connection, Connection.LAST_WINDOW), 1);
  client.scale = load<u8>(connection, Connection.LAST_SCALE);
  client.flags = <u8>lastFlags;
  resetWindow(connection, segment.direction);
  forgetWays(connection);
}

function rememberOptions(segment: Segment, state: u32): void {
  const window = changetype<TcpWindow>(ignoredWindow);
  window.scale = 0;
  window.flags = 0;
  readSynOptions(segment.header, segment.headerBytes, window);
  let lastFlags = <u32>window.flags;
  if (state == State.TCP_LAST_ACK) lastFlags |= Connection.WINDOW_CHALLENGE_ACK;
  store<u8>(segment.connection, lastFlags, Connection.LAST_FLAGS);
  store<u8>(segment.connection, window.scale, Connection.LAST_SCALE);
}
