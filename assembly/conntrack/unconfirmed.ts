/**
 * What has been found out about the connection that is being made, from its packet's lookup to its confirmation: the
 * hashes of its tuples, and that nobody else has them. It holds until the next connection is made or enters the index; one
 * of which nothing is known is looked up again.
 */

import * as State from "../layout/state";
import { findTuple, soughtHash } from "./lookup";
import { Tuple, tupleOfConnection } from "./tuple";

/** By direction, 8 bytes apart: the hash of its tuple. Then the connection, and bits of directions whose tuples are free. */
const known: usize = memory.data(24, 16);
const HASH_LOG2: usize = 3;
const CONNECTION: usize = 16; // u32
const FREE: usize = 20; //       u32

const ownTuple: usize = memory.data(48, 16);

/** A connection is made: nothing is known of its tuples. */
export function startKnowing(connection: usize): void {
  store<u32>(known, <u32>connection, CONNECTION);
  store<u32>(known, 0, FREE);
}

/** The connection's tuple of a direction, of this hash, was looked for in vain. */
export function noteFree(connection: usize, direction: u32, hash: u64): void {
  if (load<u32>(known, CONNECTION) != connection) startKnowing(connection);
  store<u64>(known + (<usize>direction << HASH_LOG2), hash);
  store<u32>(known, load<u32>(known, FREE) | (1 << direction), FREE);
}

/** The connection's reply tuple has changed. */
export function forgetReply(): void {
  store<u32>(known, load<u32>(known, FREE) & (1 << State.DIRECTION_ORIGINAL), FREE);
}

/** Nobody has the connection's tuple of a direction. It must not be confirmed. */
export function isFree(connection: usize, direction: u32): bool {
  if (load<u32>(known, CONNECTION) == connection && (load<u32>(known, FREE) & (1 << direction)) != 0) return true;
  const tuple = changetype<Tuple>(ownTuple);
  tupleOfConnection(connection, direction, tuple);
  if (findTuple(tuple) != 0) return false;
  noteFree(connection, direction, soughtHash());
  return true;
}

/** The hash of the connection's tuple of a direction, which isFree() has called free. */
export function freeHash(direction: u32): u64 {
  return load<u64>(known + (<usize>direction << HASH_LOG2));
}
