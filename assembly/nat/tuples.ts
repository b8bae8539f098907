/** Addresses of a tuple as sixteen bytes in place, for what is chosen or compared without regard to the family. */

import { Tuple } from "../conntrack/tuple";

export function tupleSrc(tuple: Tuple): usize {
  return changetype<usize>(tuple) + offsetof<Tuple>("srcLow");
}

export function tupleDst(tuple: Tuple): usize {
  return changetype<usize>(tuple) + offsetof<Tuple>("dstLow");
}
