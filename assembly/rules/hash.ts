/** The hash of set keys: src/program/hash.ts computes the same numbers when it lays out the tables. */

import * as Hash from "../layout/hash";

/** MurmurHash3 (x86, 32 bits) of a key of whole words; never 0. */
export function hashKey(key: usize, bytes: u32, seed: u32): u32 {
  let hash = seed;
  const end = key + bytes;
  while (key < end) {
    const word = rotl<u32>(load<u32>(key) * Hash.HASH_MULTIPLIER_1, 15) * Hash.HASH_MULTIPLIER_2;
    hash = rotl<u32>(hash ^ word, 13) * 5 + Hash.HASH_ADDEND;
    key += 4;
  }
  hash ^= bytes;
  hash = (hash ^ (hash >> 16)) * Hash.HASH_FINAL_1;
  hash = (hash ^ (hash >> 13)) * Hash.HASH_FINAL_2;
  hash ^= hash >> 16;
  return hash == 0 ? Hash.HASH_OF_ZERO : hash;
}
