/**
 * SCTP's verification tags (RFC 9260 8.5): each side tells the other in INIT or INIT ACK which tag its packets must
 * carry. The record keeps the tag of each direction's packets in WINDOW.END, and whether that direction sent an INIT, in
 * WINDOW_FLAGS.
 */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { SctpChunk } from "../wire/sctp";

export const CHUNK_PASSED: u32 = 0;
/** Passed, but neither state nor deadline follow it. */
export const CHUNK_IGNORED: u32 = 1;
export const CHUNK_REFUSED: u32 = 2;

/** LAST_FLAGS: a heartbeat with a foreign tag was let through and waits for its answer. */
const HEARTBEAT_FAILED: u32 = 1;

/** Tag that packets of a direction must carry; 0: not known. */
export function tagOf(connection: usize, direction: u32): u32 {
  return load<u32>(windowAt(connection, direction), Connection.END);
}

export function setTag(connection: usize, direction: u32, tag: u32): void {
  store<u32>(windowAt(connection, direction), tag, Connection.END);
}

/** The special rules of RFC 9260 8.5.1; `strict`: no second chunk with a foreign tag, none in a packet with data. */
export function checkTag(connection: usize, direction: u32, chunk: SctpChunk, tag: u32, strict: bool): u32 {
  const type = chunk.type;
  if (type == Wire.CHUNK_INIT) return tag == 0 ? CHUNK_PASSED : CHUNK_REFUSED;
  if (type == Wire.CHUNK_ABORT || type == Wire.CHUNK_SHUTDOWN_COMPLETE) {
    const side = chunk.flags & Wire.CHUNK_TAG_REFLECTED ? direction ^ 1 : direction;
    return tag == tagOf(connection, side) ? CHUNK_PASSED : CHUNK_REFUSED;
  }
  if (type == Wire.CHUNK_COOKIE_ECHO) return tag == tagOf(connection, direction) ? CHUNK_PASSED : CHUNK_REFUSED;
  if (type == Wire.CHUNK_COOKIE_ACK) {
    setInit(connection, State.DIRECTION_ORIGINAL, false);
    setInit(connection, State.DIRECTION_REPLY, false);
  } else if (type == Wire.CHUNK_HEARTBEAT || type == Wire.CHUNK_HEARTBEAT_ACK) {
    return checkHeartbeat(connection, direction, type, tag, strict);
  }
  return CHUNK_PASSED;
}

/** Notes the tag that an INIT of a direction gives to the other one. */
export function noteInit(connection: usize, direction: u32, initTag: u32, state: u32): void {
  const other = direction ^ 1;
  // An INIT with the tag that is already known is a repetition.
  if (state == State.SCTP_NONE || tagOf(connection, other) != initTag) {
    if (hasInit(connection, direction) && hasInit(connection, other)) setInit(connection, other, false);
    setInit(connection, direction, true);
  }
  setTag(connection, other, initTag);
}

/** The same for an INIT ACK. False: it fits to no INIT, or to the other one of two that crossed (RFC 9260 5.2.1). */
export function noteInitAck(connection: usize, direction: u32, initTag: u32): bool {
  const other = direction ^ 1;
  const known = tagOf(connection, other);
  if (!hasInit(connection, other) && known != 0 && known != initTag) return false;
  if (hasInit(connection, direction) && hasInit(connection, other) && known != initTag) return false;
  setTag(connection, other, initTag);
  return true;
}

/** A heartbeat on a new path may know a tag that the tracker does not: one is let through, and its answer believed. */
function checkHeartbeat(connection: usize, direction: u32, type: u32, tag: u32, strict: bool): u32 {
  const known = tagOf(connection, direction);
  const flags = <u32>load<u8>(connection, Connection.LAST_FLAGS);
  if (known == 0) {
    setTag(connection, direction, tag);
    return CHUNK_PASSED;
  }
  if (tag == known) {
    store<u8>(connection, flags & ~HEARTBEAT_FAILED, Connection.LAST_FLAGS);
    return CHUNK_PASSED;
  }
  if (strict) return CHUNK_REFUSED;
  if (type == Wire.CHUNK_HEARTBEAT) {
    store<u8>(connection, flags | HEARTBEAT_FAILED, Connection.LAST_FLAGS);
    store<u8>(connection, direction, Connection.LAST_DIRECTION);
    return CHUNK_IGNORED;
  }
  const isAnswer = (flags & HEARTBEAT_FAILED) != 0 && load<u8>(connection, Connection.LAST_DIRECTION) != direction;
  if (!isAnswer) return CHUNK_REFUSED;
  store<u8>(connection, flags & ~HEARTBEAT_FAILED, Connection.LAST_FLAGS);
  setTag(connection, direction, tag);
  setTag(connection, direction ^ 1, 0);
  return CHUNK_PASSED;
}

function hasInit(connection: usize, direction: u32): bool {
  return load<u8>(windowAt(connection, direction), Connection.WINDOW_FLAGS) != 0;
}

function setInit(connection: usize, direction: u32, seen: bool): void {
  store<u8>(windowAt(connection, direction), seen ? 1 : 0, Connection.WINDOW_FLAGS);
}

function windowAt(connection: usize, direction: u32): usize {
  return connection + Connection.WINDOW + (<usize>direction << Connection.WINDOW_LOG2);
}
