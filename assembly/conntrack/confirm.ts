/** The end of a packet's way through the hooks: nf_conntrack_confirm(). */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { count } from "../memory/engine";
import { Packet } from "../packet";
import { statusOf } from "./outcome";
import { discardConnection, insertConnection } from "./table";

/** Confirms the packet's connection, if it is new. REASON_NONE, or REASON_CLASH: the packet is dropped. */
export function confirm(packet: Packet): u32 {
  const connection = packet.connection;
  if (connection == 0 || packet.direction != State.DIRECTION_ORIGINAL) return Verdict.REASON_NONE;
  if ((statusOf(connection) & Connection.STATUS_CONFIRMED) != 0) return Verdict.REASON_NONE;
  const reason = insertConnection(connection);
  if (reason == Verdict.REASON_NONE) {
    count(Engine.CREATED);
  } else {
    discardConnection(connection);
    packet.connection = 0;
  }
  return reason;
}

/**
 * The packet ends before it was confirmed (dropped, or answered by the node): nobody else will see its connection. Only
 * the packet that created it forgets it: an answer that is attached to it is RELATED.
 */
export function forgetUnconfirmed(packet: Packet): void {
  const connection = packet.connection;
  if (packet.ct != State.CT_NEW || connection == 0) return;
  if ((statusOf(connection) & Connection.STATUS_CONFIRMED) != 0) return;
  discardConnection(connection);
  packet.connection = 0;
}
