/**
 * Takes expired connections out of the table, a few records at a time, as the kernel's gc_worker() does; after the table
 * was found full, those that can be spared too.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { clock, engine } from "../memory/engine";
import { livingCount, reap, recordAt, recordCount } from "./records";
import { isExpired, removeConnection } from "./table";

/** Where the next call goes on. */
let cursor: u32 = 0;
/** The table was full: from so many records yet, what can be spared goes while the table is nearly full. */
let pressed: u32 = 0;

/** Looks at `budget` records. Only between two packets. Does nothing while the queue of ended connections is full. */
export function sweep(budget: u32): void {
  if (!reap()) return;
  const now = clock();
  const records = recordCount();
  for (let left = min(budget, records); left != 0; left--) {
    if (cursor >= records) cursor = 0;
    const connection = recordAt(cursor++);
    const isPressed = pressed != 0;
    if (isPressed) pressed--;
    const status = <u32>load<u16>(connection, Connection.STATUS);
    if ((status & (Connection.STATUS_CONFIRMED | Connection.STATUS_DYING)) != Connection.STATUS_CONFIRMED) continue;
    if (isExpired(connection, now)) removeConnection(connection, Engine.EXPIRED);
    else if (isPressed && isNearlyFull() && canBeSpared(connection, status)) removeConnection(connection, Engine.EVICTED);
  }
  reap();
}

/** The table was full and nothing could be evicted: the sweep is to help, once around. */
export function startPressure(): void {
  pressed = recordCount();
}

/** 95 % of the capacity, rounded as gc_worker() rounds. */
function isNearlyFull(): bool {
  return livingCount() >= (load<u32>(engine, Engine.CONNECTIONS_MAX) / 100) * 95;
}

/** gc_worker_can_early_drop(): without proper two-way traffic, or a TCP or SCTP connection that is closing. */
function canBeSpared(connection: usize, status: u32): bool {
  if ((status & Connection.STATUS_ASSURED) == 0) return true;
  const state = <u32>load<u8>(connection, Connection.STATE);
  const protocol = <u32>load<u8>(connection, Connection.PROTOCOL);
  if (protocol == Protocol.TCP) return isTcpClosing(state);
  return protocol == Protocol.SCTP && state >= State.SCTP_SHUTDOWN_SENT && state <= State.SCTP_SHUTDOWN_ACK_SENT;
}

/** tcp_can_early_drop(): FIN_WAIT to CLOSE. */
export function isTcpClosing(state: u32): bool {
  return state >= State.TCP_FIN_WAIT && state <= State.TCP_CLOSE;
}
