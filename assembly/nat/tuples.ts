/** What translation needs of tuples beyond conntrack's own operations. */

import { TUPLE_SIZE, Tuple } from "../conntrack/tuple";

const SRC: usize = 16;
const DST: usize = 32;

export function tupleSrc(tuple: Tuple): usize {
  return changetype<usize>(tuple) + SRC;
}

export function tupleDst(tuple: Tuple): usize {
  return changetype<usize>(tuple) + DST;
}

export function isTupleEqual(a: Tuple, b: Tuple): bool {
  return memory.compare(changetype<usize>(a), changetype<usize>(b), TUPLE_SIZE) == 0;
}

export function copyTuple(from: Tuple, to: Tuple): void {
  memory.copy(changetype<usize>(to), changetype<usize>(from), TUPLE_SIZE);
}
