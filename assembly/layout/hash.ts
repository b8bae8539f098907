/** Constants of the hash of set keys, MurmurHash3's 32-bit variant, for the two sides that must agree on it. */

export const HASH_MULTIPLIER_1: u32 = 0xcc9e2d51;
export const HASH_MULTIPLIER_2: u32 = 0x1b873593;
export const HASH_ADDEND: u32 = 0xe6546b64;
export const HASH_FINAL_1: u32 = 0x85ebca6b;
export const HASH_FINAL_2: u32 = 0xc2b2ae35;
/** What stands for the hash 0, which marks a free slot. */
export const HASH_OF_ZERO: u32 = 1;
