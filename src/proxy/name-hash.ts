/** The hash that tells chains apart whose names would be too long: the start of SHA-256 in base 32 (RFC 4648). */

import { sha256 } from "./sha256.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BITS = 5;

/** The first `length` letters of the name's hash, each of five bits; 51 at most. */
export function nameHash(name: string, length: number): string {
  const digest = sha256(name);
  let bits = 0;
  let value = 0;
  let hash = "";
  for (let index = 0; hash.length < length; ) {
    if (bits < BITS) {
      value = (value << 8) | digest[index++]!;
      bits += 8;
    }
    bits -= BITS;
    hash += ALPHABET[(value >> bits) & 31]!;
    value &= (1 << bits) - 1;
  }
  return hash;
}
