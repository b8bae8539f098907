/** Hash tables of sets: what probing finds, and that their bytes do not tell in which order elements came and went. */

import { describe, expect, it } from "vitest";
import { type HashTable, insertElement, NO_LABEL, removeElement, slotsFor } from "../../src/program/hash-table.ts";
import { Random } from "../support/random.ts";

const KEY_WORDS = 1;
const VALUE_WORDS = 1;
const STRIDE = 1 + KEY_WORDS + VALUE_WORDS;
const ELEMENTS = 40;
const STEPS = 500;
/** Few different tags, so that elements get into each other's way, also around the table's end. */
const TAGS = 24;

describe("a hash table in order", () => {
  it.each([1, 2, 3])("is the same whatever was there before (seed %i)", (seed) => {
    const random = new Random(seed);
    const table = emptyTable();
    const held = new Map<number, number>();
    for (let step = 0; step < STEPS; step++) {
      const key = random.below(ELEMENTS * 2);
      if (held.has(key)) {
        expect(insertElement(table, element(key, 0), 0)).toBe(false);
        expect(removeElement(table, element(key, 0))).toBe(true);
        held.delete(key);
      } else if (held.size < ELEMENTS) {
        expect(removeElement(table, element(key, 0))).toBe(false);
        expect(insertElement(table, element(key, step), key)).toBe(true);
        held.set(key, step);
      }
      const anew = emptyTable();
      for (const [other, value] of [...held].sort(([, a], [, b]) => b - a))
        insertElement(anew, element(other, value), other);
      expect(table).toEqual(anew);
      for (const [other, value] of held) expect(find(table, other)).toEqual({ value, label: other });
    }
  });
});

function emptyTable(): HashTable {
  const slots = slotsFor(ELEMENTS);
  const labels = new Int32Array(slots).fill(NO_LABEL);
  return { words: new Uint32Array(slots * STRIDE), strideWords: STRIDE, keyWords: KEY_WORDS, mask: slots - 1, labels };
}

/** Tags near the greatest number have their home at the table's end. */
function element(key: number, value: number): Uint32Array {
  return Uint32Array.of(0xffff_ffff - (key % TAGS), key, value);
}

/** As the engine looks a key up (assembly/rules/sets.ts). */
function find({ words, mask, labels }: HashTable, key: number): { value: number; label: number } | undefined {
  const tag = element(key, 0)[0]!;
  for (let slot = tag & mask; words[slot * STRIDE] !== 0; slot = (slot + 1) & mask) {
    const at = slot * STRIDE;
    if (words[at] === tag && words[at + 1] === key) return { value: words[at + 2]!, label: labels![slot]! };
  }
  return undefined;
}
