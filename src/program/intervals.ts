/** Prefixes and ranges as pairs of keys that compare like bytes. */

import { parseAddress } from "../network/address.ts";
import { netmask } from "../network/prefix.ts";
import type { Literal } from "../ruleset/types.ts";
import { Uncompilable } from "./types.ts";
import { encode, encodeBytes, type InterfaceNumbers, swap32, type ValueType, wordsOf } from "./values.ts";

const NUMBER_BITS = 32;

/** Both ends included; machine-order numbers are swapped (OP_SWAP), so that memcmp() orders them. */
export interface Interval {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

export function intervalOf(literal: Literal, type: ValueType, interfaces: InterfaceNumbers): Interval {
  if (literal.kind === "prefix") return prefixInterval(literal.address, literal.length, type);
  const [from, to] = endsOf(literal);
  const interval = { low: ordered(from, type, interfaces), high: ordered(to, type, interfaces) };
  if (compareWords(interval.low, interval.high) > 0) throw new Uncompilable("a range ends before it begins");
  return interval;
}

function endsOf(literal: Literal): readonly [from: Literal, to: Literal] {
  if (literal.kind === "range") return [literal.from, literal.to];
  if (literal.kind !== "number prefix") return [literal, literal];
  const { value, length } = literal;
  const last = value + 2 ** (NUMBER_BITS - length) - 1;
  return [
    { kind: "number", value },
    { kind: "number", value: last },
  ];
}

/** The mask of a prefix, as words. */
export function maskWords(length: number, type: ValueType): Uint32Array {
  const words = new Uint32Array(wordsOf([type]));
  encodeBytes(netmask(length, type.bytes), words, 0);
  return words;
}

/** Intervals in order. What overlaps is merged if `merge`, as in sets; in maps it has no meaning. */
export function sortIntervals<T extends Interval>(intervals: readonly T[], merge: boolean): T[] {
  const sorted = [...intervals].sort((a, b) => compareWords(a.low, b.low));
  const disjoint: T[] = [];
  for (const interval of sorted) {
    const previous = disjoint.at(-1);
    if (previous === undefined || compareWords(previous.high, interval.low) < 0) disjoint.push(interval);
    else if (!merge) throw new Uncompilable("intervals of a map overlap");
    else if (compareWords(previous.high, interval.high) < 0)
      disjoint[disjoint.length - 1] = { ...previous, high: interval.high };
  }
  return disjoint;
}

/** The order of memcmp() on the words' bytes. */
export function compareWords(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = swap32(a[i] ?? 0) - swap32(b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function prefixInterval(address: string, length: number, type: ValueType): Interval {
  const bytes = parseAddress(address);
  if (bytes?.length !== type.bytes || type.bytes < 4)
    throw new Uncompilable(`the prefix ${address}/${length} does not fit here`);
  const mask = maskWords(length, type);
  const low = new Uint32Array(mask.length);
  encodeBytes(bytes, low, 0);
  for (let i = 0; i < mask.length; i++) low[i] = (low[i] ?? 0) & (mask[i] ?? 0);
  const high = low.map((word, i) => word | ~(mask[i] ?? 0));
  return { low, high };
}

function ordered(literal: Literal, type: ValueType, interfaces: InterfaceNumbers): Uint32Array {
  const words = new Uint32Array(wordsOf([type]));
  encode(literal, type, interfaces, words, 0);
  return type.order === "machine" ? words.map(swap32) : words;
}
