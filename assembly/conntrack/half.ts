/**
 * A half of a record: where one direction's tuple stands, with whatever else there is by direction at the distances that
 * layout/connection.ts gives. It tells the record, the direction and the other half.
 */

import * as Connection from "../layout/connection";

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
