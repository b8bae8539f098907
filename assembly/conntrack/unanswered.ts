/**
 * Plain packets of connections that nobody has answered: what the trackers do of them, for the short way, which has
 * checked their headers.
 */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { timeoutMilliseconds } from "../memory/engine";
import { refresh } from "./outcome";
import { moveTo } from "./tcp";
import { readSegment } from "./tcp-segment";
import { WINDOW_INSIDE, WINDOW_OUTSIDE, checkWindow } from "./tcp-window";

/**
 * PROTOCOL, STATE and STATUS of such a connection, one word, under PLAIN_UDP_MASK of established.ts. TCP's was picked up in
 * mid-stream: one that began with a SYN takes no segment but another SYN before there is an answer.
 */
export const UNANSWERED_TCP: u32 = Protocol.TCP | (State.TCP_ESTABLISHED << 8) | (Connection.STATUS_CONFIRMED << 16);
export const UNANSWERED_UDP: u32 = Protocol.UDP | (Connection.STATUS_CONFIRMED << 16);

/**
 * Tracks a plain segment in a packet of `bytes` bytes, of which the IP header takes `ipBytes`. False: it is invalid; the
 * tracker will find it so again.
 */
export function trackUnansweredSegment(connection: usize, packet: usize, ipBytes: u32, bytes: u32): bool {
  const segment = readSegment(connection, State.DIRECTION_ORIGINAL, packet + ipBytes, bytes - ipBytes);
  const place = checkWindow(segment);
  if (place == WINDOW_INSIDE) moveTo(segment, bytes, State.TCP_ESTABLISHED, State.TCP_ESTABLISHED);
  return place != WINDOW_OUTSIDE;
}

/** Tracks a datagram: without an answer it is no stream, however old its connection is. */
export function trackUnansweredDatagram(connection: usize, bytes: u32): void {
  refresh(connection, State.DIRECTION_ORIGINAL, bytes, timeoutMilliseconds(State.TIMEOUT_UDP));
}
