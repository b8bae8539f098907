/** What an RST does to a connection: RFC 5961 3 accepts only the exact next number, so a forged one must not close it. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { hasFlag } from "../memory/engine";
import { statusOf } from "./outcome";
import { isTcpClosing } from "./sweep";
import { Segment, isBefore, maxAckOf, windowOf } from "./tcp-segment";

/** Added to a state: the window need not be looked at. */
export const SKIP_WINDOW: u32 = 0x100;
/** The RST is invalid. */
export const REFUSED: u32 = 0x200;

/** The state after an RST in a state, with SKIP_WINDOW or not; or REFUSED. */
export function checkReset(segment: Segment, state: u32): u32 {
  // A closing connection's numbers may be those of its predecessor on the same ports.
  if (isTcpClosing(state)) return State.TCP_CLOSE | SKIP_WINDOW;
  const connection = segment.connection;
  const receiver = segment.direction ^ 1;
  const last = <u32>load<u8>(connection, Connection.LAST_INDEX);
  let next = State.TCP_CLOSE;
  // After an ignored SYN the highest acknowledged number may be out of date.
  if ((windowOf(connection, receiver).flags & Connection.WINDOW_MAX_ACK_SET) != 0 && last != State.TCP_SYN) {
    const expected = maxAckOf(connection, receiver);
    const isEstablished = state == State.TCP_ESTABLISHED && (statusOf(connection) & Connection.STATUS_ASSURED) != 0;
    // Most likely the answer to a SYN that was let through.
    if (segment.sequence == 0 && !isEstablished) return State.TCP_CLOSE;
    if (isBefore(segment.sequence, expected) && !hasFlag(Engine.ENGINE_TCP_IGNORE_INVALID_RST)) return REFUSED;
    if (!isEstablished || segment.sequence == expected || endsTrain(segment, last)) return State.TCP_CLOSE;
    // Not the exact number: the other side may challenge it.
    next = state;
  }
  return answersIgnored(segment, state, last) ? next | SKIP_WINDOW : next;
}

/** It comes right behind data of the same side. */
function endsTrain(segment: Segment, last: u32): bool {
  const connection = segment.connection;
  return (
    last == State.TCP_ACK &&
    load<u8>(connection, Connection.LAST_DIRECTION) == segment.direction &&
    load<u32>(connection, Connection.LAST_END) == segment.sequence
  );
}

/** It answers a SYN, an ACK or a challenge ACK that was passed without being believed: the windows say nothing then. */
function answersIgnored(segment: Segment, state: u32, last: u32): bool {
  const connection = segment.connection;
  const status = statusOf(connection);
  const lastDirection = <u32>load<u8>(connection, Connection.LAST_DIRECTION);
  const afterSyn =
    (status & Connection.STATUS_SEEN_REPLY) != 0 && last == State.TCP_SYN && lastDirection != segment.direction;
  const afterAck = (status & Connection.STATUS_ASSURED) == 0 && last == State.TCP_ACK;
  if ((afterSyn || afterAck) && segment.acknowledged == load<u32>(connection, Connection.LAST_END)) return true;
  return (
    state == State.TCP_SYN_SENT &&
    last == State.TCP_ACK &&
    lastDirection == State.DIRECTION_REPLY &&
    segment.sequence == load<u32>(connection, Connection.LAST_ACK)
  );
}
