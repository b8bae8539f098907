/** What can be said about a shard's connections: whether they were its own, and how many there were at once. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Shard from "../layout/shard";
import * as State from "../layout/state";
import { ENDED_SIZE, recordAt, recordCount } from "../conntrack/records";
import { TUPLE_SIZE, Tuple, addressesOf, tupleOfRecord } from "../conntrack/tuple";
import { engine } from "../memory/engine";
import { classOfTuple, ownClass } from "./classes";
import { noteObstacle } from "./obstacles";

const tuple: usize = memory.data(TUPLE_SIZE, 16);

/** Connections that the host has taken, and the most that there may have been at one time. */
let taken: u64 = 0;
let most: u64 = 0;

/** Looks at the connections in the queue of ended ones: to be called before the host takes them. */
export function checkEnded(): void {
  most = max(most, load<u64>(engine, Engine.CREATED) - taken);
  const count = load<u32>(engine, Engine.ENDED_COUNT);
  taken += count;
  let ended: usize = load<u32>(engine, Engine.ENDED);
  for (let left = count; left != 0; left--, ended += ENDED_SIZE) check(ended, ended + Connection.SIZE);
}

/** No more connections were open at any time: those that ended between two calls of checkEnded() count until the second. */
export function mostOpen(): u32 {
  return <u32>most;
}

/** Looks at the connections in the table. */
export function checkOpen(): void {
  const count = recordCount();
  for (let index: u32 = 0; index < count; index++) {
    const connection = recordAt(index);
    if ((load<u16>(connection, Connection.STATUS) & Connection.STATUS_CONFIRMED) == 0) continue;
    check(connection, addressesOf(connection, State.DIRECTION_ORIGINAL));
  }
}

function check(record: usize, addresses: usize): void {
  const original = classOf(record, State.DIRECTION_ORIGINAL, addresses);
  const reply = classOf(record, State.DIRECTION_REPLY, addresses);
  if (original != reply || ownClass(original) == 0) noteObstacle(Shard.OBSTACLE_CLASS);
}

function classOf(record: usize, direction: u32, addresses: usize): u32 {
  const own = changetype<Tuple>(tuple);
  tupleOfRecord(record, direction, addresses, own);
  return classOfTuple(own);
}
