/** The hash of set keys: assembly/rules/hash.ts computes the same numbers when it looks elements up. */

import * as Hash from "../../assembly/layout/hash.ts";

/** MurmurHash3 (x86, 32 bits, seed 0) of `count` words from `from` on; never 0. */
export function hashKey(words: Uint32Array, from: number, count: number): number {
  let hash = 0;
  for (let i = from; i < from + count; i++) {
    const word = Math.imul(rotateLeft(Math.imul(words[i] ?? 0, Hash.HASH_MULTIPLIER_1), 15), Hash.HASH_MULTIPLIER_2);
    hash = (Math.imul(rotateLeft(hash ^ word, 13), 5) + Hash.HASH_ADDEND) | 0;
  }
  hash ^= count * 4;
  hash = Math.imul(hash ^ (hash >>> 16), Hash.HASH_FINAL_1);
  hash = Math.imul(hash ^ (hash >>> 13), Hash.HASH_FINAL_2);
  hash = (hash ^ (hash >>> 16)) >>> 0;
  return hash === 0 ? Hash.HASH_OF_ZERO : hash;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
