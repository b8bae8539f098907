/** Sets and maps of single keys: a hash table, or an array where keys count from 0. */

import * as Layout from "../../assembly/layout/program.ts";
import { hashKey } from "./hash.ts";
import { type EncodedSet, encodeAll, encodeValue, type SetShape, type SetSurroundings, valueWordsOf } from "./sets.ts";
import { Uncompilable } from "./types.ts";
import { NUMBER, wordsOf } from "./values.ts";

export function encodeHash(shape: SetShape, around: SetSurroundings): EncodedSet {
  const keyWords = wordsOf(shape.key);
  const valueWords = valueWordsOf(shape);
  const strideWords = 1 + keyWords + valueWords;
  const slots = 2 ** (32 - Math.clz32(shape.elements.length * 2));
  const table = new Uint32Array(slots * strideWords);
  const key = new Uint32Array(keyWords);
  const references: number[] = [];
  let count = 0;
  for (const element of shape.elements) {
    encodeAll(element.key, shape.key, around.interfaces, key, 0);
    const hash = hashKey(key, 0, keyWords);
    const at = findSlot(table, strideWords, slots - 1, hash, key);
    if (table[at] !== 0) {
      if (shape.value !== undefined) throw new Uncompilable("two elements of a map have the same key");
      continue;
    }
    table[at] = hash;
    for (let i = 0; i < keyWords; i++) table[at + 1 + i] = key[i] ?? 0;
    encodeValue(element, shape, around, table, at + 1 + keyWords, references);
    count++;
  }
  return { kind: Layout.SET_HASH, keyWords, valueWords, count, mask: slots - 1, strideWords, table, references };
}

/** The word where the key stands, or the first word of the free slot for it. */
function findSlot(table: Uint32Array, strideWords: number, mask: number, hash: number, key: Uint32Array): number {
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const at = slot * strideWords;
    if (table[at] === 0) return at;
    if (table[at] === hash && key.every((word, i) => table[at + 1 + i] === word)) return at;
  }
}

export function isDense({ key, value, elements }: SetShape): boolean {
  if (key.length !== 1 || key[0] !== NUMBER || value === undefined || elements.length === 0) return false;
  const present = new Uint8Array(elements.length);
  for (const element of elements) {
    const literal = element.key[0];
    if (literal?.kind !== "number" || literal.value >= elements.length || present[literal.value] === 1) return false;
    present[literal.value] = 1;
  }
  return true;
}

export function encodeArray(shape: SetShape, around: SetSurroundings): EncodedSet {
  const valueWords = valueWordsOf(shape);
  const count = shape.elements.length;
  const table = new Uint32Array(count * valueWords);
  const references: number[] = [];
  for (const element of shape.elements) {
    const index = element.key[0]?.kind === "number" ? element.key[0].value : 0;
    encodeValue(element, shape, around, table, index * valueWords, references);
  }
  return {
    kind: Layout.SET_ARRAY,
    keyWords: 1,
    valueWords,
    count,
    mask: 0,
    strideWords: valueWords,
    table,
    references,
  };
}
