/** Which of TCP's timeouts holds after a segment: the first of five conditions in nf_conntrack_tcp_packet(). */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { engine, timeoutMilliseconds } from "../memory/engine";
import { windowOf } from "./tcp-segment";

/** Place in the timeout table for a connection that goes to a state by a segment of a kind. */
export function tcpTimeout(connection: usize, kind: u32, next: u32): u32 {
  const ordinary = timeoutMilliseconds(State.TIMEOUT_TCP + next);
  const isLong = ordinary > timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_RETRANSMITTED);
  const retransmits = <u32>load<u8>(connection, Connection.RETRANSMITS);
  if (isLong && retransmits >= load<u32>(engine, Engine.TCP_MAX_RETRANSMITS)) return State.TIMEOUT_TCP + State.TCP_RETRANSMITTED;
  if (kind == State.TCP_RST) return State.TIMEOUT_TCP + State.TCP_CLOSE;
  const flags = windowOf(connection, State.DIRECTION_ORIGINAL).flags | windowOf(connection, State.DIRECTION_REPLY).flags;
  const isUnacknowledged = (flags & Connection.WINDOW_DATA_UNACKNOWLEDGED) != 0;
  if (isUnacknowledged && ordinary > timeoutMilliseconds(State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED)) {
    return State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED;
  }
  if (isLong && load<u16>(connection, Connection.LAST_WINDOW) == 0) return State.TIMEOUT_TCP + State.TCP_RETRANSMITTED;
  return State.TIMEOUT_TCP + next;
}
