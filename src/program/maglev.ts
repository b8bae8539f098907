/**
 * Maglev's lookup table (Eisenbud and others, "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, 3.4):
 * every endpoint has an equal share of the entries, and when one comes or goes most entries stay with who had them.
 */

import { hashKey } from "./hash.ts";

/** Entries for each endpoint, at least: a hundred keep the shares within one in a hundred of each other. */
const ENTRIES_PER_ENDPOINT = 100;
/**
 * Primes. A table of another size has nothing to do with the one before, so there are few: it changes as a Service gets its
 * 11th endpoint or loses it, and its 164th. Two bytes an entry: 10,000 Services of ten endpoints take 20 MB.
 */
const SIZES = [1021, 16_381, 131_071];
const UNTAKEN = 0xffff;
export const MAGLEV_ENDPOINTS_MAX = UNTAKEN;
/** What tells the two hashes of an endpoint apart. */
const OFFSET_SEED = 1;
const SKIP_SEED = 2;

/** `endpoints`: their words, `stride` of each. Entry → number of an endpoint; each takes its next free preference in turn. */
export function maglevTable(endpoints: Uint32Array, stride: number): Uint16Array<ArrayBuffer> {
  const count = endpoints.length / stride;
  const size = maglevSize(count);
  const table = new Uint16Array(size).fill(UNTAKEN);
  const next = Uint32Array.from({ length: count }, (_, i) => seededHash(endpoints, i, stride, OFFSET_SEED) % size);
  const skips = Uint32Array.from(
    { length: count },
    (_, i) => (seededHash(endpoints, i, stride, SKIP_SEED) % (size - 1)) + 1,
  );
  for (let taken = 0; taken < size; ) {
    for (let i = 0; i < count && taken < size; i++, taken++) {
      let entry = next[i]!;
      while (table[entry] !== UNTAKEN) entry = (entry + skips[i]!) % size;
      table[entry] = i;
      next[i] = (entry + skips[i]!) % size;
    }
  }
  return table;
}

/** The least size that is enough; for more endpoints than the largest is meant for, their shares differ more. */
export function maglevSize(endpoints: number): number {
  return SIZES.find((size) => size >= endpoints * ENTRIES_PER_ENDPOINT) ?? SIZES.at(-1)!;
}

function seededHash(endpoints: Uint32Array, index: number, stride: number, seed: number): number {
  return hashKey(Uint32Array.of(seed, ...endpoints.subarray(index * stride, (index + 1) * stride)), 0, stride + 1);
}
