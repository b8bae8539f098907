/** What becomes of connections at their ends: each counts to its Service, and whoever wants its record gets it. */

import * as Layout from "../../assembly/layout/engine.ts";
import { type Connection, readConnection, readServedConnection } from "../engine/connections.ts";
import type { Engine } from "../engine/instance.ts";
import type { ServiceAggregate } from "../report/aggregate.ts";
import type { ConnectionRecord } from "./types.ts";

export interface Endings {
  /** Takes the connections that have ended since the last call. */
  readonly takeEnded: () => void;
  /** Takes all that is left at the end of the captures, the last packet's time; undefined: there was no packet. */
  readonly takeAll: (time: bigint | undefined) => void;
}

export function endingsOf(
  engine: Engine,
  aggregate: ServiceAggregate,
  onConnection: ((record: ConnectionRecord) => void) | undefined,
): Endings {
  const { takeEnded, takeOpen } =
    onConnection === undefined ? counting(engine, aggregate) : recording(engine, aggregate, onConnection);
  return {
    takeEnded,
    takeAll: (time) => {
      if (time !== undefined) endExpired(engine, time, takeEnded);
      takeOpen();
    },
  };
}

/** Most of what a record says is left unread. */
function counting(engine: Engine, aggregate: ServiceAggregate) {
  const add = aggregate.add.bind(aggregate);
  return {
    takeEnded: () => engine.takeEnded(readServedConnection, add),
    takeOpen: () => {
      for (const index of engine.openConnections()) add(engine.readConnection(index, readServedConnection));
    },
  };
}

function recording(engine: Engine, aggregate: ServiceAggregate, onConnection: (record: ConnectionRecord) => void) {
  const finish = (connection: Connection, open: boolean) => {
    const attribution = aggregate.add(connection);
    onConnection({ connection, open, ...(attribution === undefined ? {} : { attribution }) });
  };
  return {
    takeEnded: () => engine.takeEnded(readConnection, (connection) => finish(connection, false)),
    takeOpen: () => {
      for (const connection of engine.connections()) finish(connection, true);
    },
  };
}

/** When the captures are over, what has expired by then has ended, whether somebody looked at it or not. */
function endExpired(engine: Engine, time: bigint, takeEnded: () => void): void {
  do {
    takeEnded();
    engine.exports.sweep(time);
  } while (engine.field(Layout.ENDED_COUNT) > 0);
}
