/**
 * A half of a record: where one direction's tuple stands, with whatever else there is by direction at the distances that
 * layout/connection.ts gives. It tells the record, the direction and the other half.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";

const RECORD_MASK: u32 = ~(Connection.SIZE - 1);

export function halfOf(connection: usize, direction: u32): usize {
  return connection + (<usize>direction << Connection.DIRECTION_LOG2);
}

export function recordOf(half: usize): usize {
  return half & RECORD_MASK;
}

export function directionOf(half: usize): u32 {
  return (<u32>half >> Connection.DIRECTION_LOG2) & 1;
}

export function otherHalf(half: usize): usize {
  return half ^ Connection.REPLY;
}

/** Address of the 32 bytes with the IPv6 addresses of a half's tuple: source, then destination. */
export function addressesOfHalf(half: usize): usize {
  const record = recordOf(half) - <usize>load<u32>(engine, Engine.CONNECTIONS);
  const offset = record >> (Connection.SIZE_LOG2 - Connection.ADDRESSES_SIZE_LOG2);
  return <usize>load<u32>(engine, Engine.ADDRESSES) + offset + (<usize>directionOf(half) << Connection.ADDRESSES_TUPLE_LOG2);
}
