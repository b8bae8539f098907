/**
 * The short way for what nearly every packet is: a plain segment of an established connection, or a datagram of an
 * answered one. Straight-line code over the record; whatever is not plain is left, untouched, to the trackers. What it
 * does is exactly what they would do. What is TCP's alone stands in plain-segment.ts and plain-window.ts.
 */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { clock, timeoutMilliseconds } from "../memory/engine";
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

/** The connection's time is not over. */
export function isAlive(connection: usize): bool {
  return <i32>(load<u32>(connection, Connection.EXPIRES_AT) - clock()) > 0;
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
