/** The SCTP tracker: nf_conntrack_sctp_packet() of nf_conntrack_proto_sctp.c. */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { timeoutMilliseconds } from "../memory/engine";
import { Packet } from "../packet";
import { SctpChunk, SctpHeader, chunkStride, hasChunk, hasSctpHeader } from "../wire/sctp";
import { ACCEPT, addStatus, invalid, isChecksumWrong, refresh, statusOf } from "./outcome";
import { SCTP_INVALID, nextSctpState } from "./sctp-states";
import { CHUNK_IGNORED, CHUNK_PASSED, checkTag, noteInit, noteInitAck, setTag, tagOf } from "./sctp-tags";

/** Types of chunks that make the check of the verification tag special (RFC 9260 8.5.1). */
const TAG_SPECIAL: u32 =
  (1 << Wire.CHUNK_INIT) |
  (1 << Wire.CHUNK_SHUTDOWN_COMPLETE) |
  (1 << Wire.CHUNK_COOKIE_ECHO) |
  (1 << Wire.CHUNK_ABORT) |
  (1 << Wire.CHUNK_SHUTDOWN_ACK) |
  (1 << Wire.CHUNK_HEARTBEAT) |
  (1 << Wire.CHUNK_HEARTBEAT_ACK);
/** Chunks that nobody answers when they are out of the blue (RFC 9260 8.4). */
const NEVER_FIRST: u32 = (1 << Wire.CHUNK_ABORT) | (1 << Wire.CHUNK_SHUTDOWN_COMPLETE) | (1 << Wire.CHUNK_COOKIE_ACK);

/** Tracks a packet of an association: every chunk may move its state. */
export function trackSctp(packet: Packet, connection: usize, direction: u32): u32 {
  const header = packet.address + packet.transport;
  const end = packet.address + packet.bytes;
  if (!hasSctpHeader(header, <u32>(end - header))) return invalid(State.INVALID_HEADER);
  if (isChecksumWrong(packet)) return invalid(State.INVALID_CHECKSUM);
  const chunks = chunksIn(header, end);
  if (chunks == 0) return invalid(State.INVALID_CHUNKS);
  if ((statusOf(connection) & Connection.STATUS_CONFIRMED) == 0) {
    if ((chunks & NEVER_FIRST) != 0 || !startAssociation(connection, header, end)) return invalid(State.INVALID_FIRST);
  }
  const tag = changetype<SctpHeader>(header).tag;
  if ((chunks & TAG_SPECIAL) == 0 && tag != tagOf(connection, direction)) return invalid(State.INVALID_TAG);

  let next = State.SCTP_NONE;
  let ignored = false;
  for (let at = header + Wire.SCTP_CHUNKS; hasChunk(at, bytesTo(at, end)); at += chunkStride(changetype<SctpChunk>(at))) {
    const chunk = changetype<SctpChunk>(at);
    const check = checkTag(connection, direction, chunk, tag, ignored || (chunks & (1 << Wire.CHUNK_DATA)) != 0);
    if (check == CHUNK_IGNORED) {
      ignored = true;
      continue;
    }
    if (check != CHUNK_PASSED) return invalid(State.INVALID_TAG);
    const state = <u32>load<u8>(connection, Connection.STATE);
    next = nextSctpState(direction, state, chunk.type);
    if (next == SCTP_INVALID) return invalid(State.INVALID_STATE);
    if (chunk.type == Wire.CHUNK_INIT || chunk.type == Wire.CHUNK_INIT_ACK) {
      if (bytesTo(at, end) < Wire.CHUNK_INIT_SIZE) return invalid(State.INVALID_CHUNKS);
      if (chunk.type == Wire.CHUNK_INIT) {
        noteInit(connection, direction, chunk.initTag, state);
        if (isRepeatedInit(connection, state, next)) ignored = true;
      } else if (!noteInitAck(connection, direction, chunk.initTag)) {
        return invalid(State.INVALID_TAG);
      }
    }
    store<u8>(connection, next, Connection.STATE);
    if (next == State.SCTP_ESTABLISHED && state != next) addStatus(connection, Connection.STATUS_ASSURED);
  }
  if (!ignored) refresh(connection, direction, packet.bytes, timeoutMilliseconds(State.TIMEOUT_SCTP + next));
  return ACCEPT;
}

/**
 * Bits of the chunk types below 32 in the packet, all of which are well-formed: none has length 0, INIT, INIT ACK and
 * SHUTDOWN COMPLETE stand alone, COOKIE ECHO and COOKIE ACK come first. 0: malformed, or there is no chunk.
 */
function chunksIn(header: usize, end: usize): u32 {
  let chunks: u32 = 0;
  let alone = false;
  let count = 0;
  for (let at = header + Wire.SCTP_CHUNKS; hasChunk(at, bytesTo(at, end)); at += chunkStride(changetype<SctpChunk>(at))) {
    const chunk = changetype<SctpChunk>(at);
    const type = chunk.type;
    if (type == Wire.CHUNK_INIT || type == Wire.CHUNK_INIT_ACK || type == Wire.CHUNK_SHUTDOWN_COMPLETE) alone = true;
    const first = alone || type == Wire.CHUNK_COOKIE_ACK || type == Wire.CHUNK_COOKIE_ECHO;
    if ((first && count != 0) || chunk.length == 0) return 0;
    chunks |= type < 31 ? 1 << type : 1 << 31;
    count++;
  }
  return chunks;
}

/** sctp_new(): which chunks may be the first, and the tags that they tell. */
function startAssociation(connection: usize, header: usize, end: usize): bool {
  const tag = changetype<SctpHeader>(header).tag;
  for (let at = header + Wire.SCTP_CHUNKS; hasChunk(at, bytesTo(at, end)); at += chunkStride(changetype<SctpChunk>(at))) {
    const chunk = changetype<SctpChunk>(at);
    const type = chunk.type;
    const next = nextSctpState(State.DIRECTION_ORIGINAL, State.SCTP_NONE, type);
    if (next == State.SCTP_NONE || next == SCTP_INVALID) return false;
    if (type == Wire.CHUNK_INIT) {
      if (tag != 0 || bytesTo(at, end) < Wire.CHUNK_INIT_SIZE) return false;
      setTag(connection, State.DIRECTION_REPLY, chunk.initTag);
    } else if (type == Wire.CHUNK_HEARTBEAT) {
      setTag(connection, State.DIRECTION_ORIGINAL, tag);
    } else if (type == Wire.CHUNK_SHUTDOWN_ACK) {
      setTag(connection, State.DIRECTION_REPLY, tag);
    }
  }
  return true;
}

/** A repeated INIT gains no time, else a reused port could keep a dead mapping alive for ever. */
function isRepeatedInit(connection: usize, state: u32, next: u32): bool {
  const isConfirmed = (statusOf(connection) & Connection.STATUS_CONFIRMED) != 0;
  return isConfirmed && state == State.SCTP_CLOSED && next == State.SCTP_CLOSED;
}

/** Bytes left; the stride of the last chunk may lead beyond the end. */
function bytesTo(at: usize, end: usize): u32 {
  return at < end ? <u32>(end - at) : 0;
}
