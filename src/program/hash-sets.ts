/** Sets and maps as hash tables, and those tables as elements come and go. */

import * as Layout from "../../assembly/layout/program.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Element } from "../ruleset/types.ts";
import { isDense } from "./array-sets.ts";
import { encodeAll, encodeValue, isFallback, type SetShape, type SetSurroundings, valueWordsOf } from "./elements.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { hashKey } from "./hash.ts";
import { insertElement, NO_LABEL, removeElement, slotsFor } from "./hash-table.ts";
import { Uncompilable } from "./types.ts";
import { wordsOf } from "./values.ts";
import type { Label } from "./writer.ts";

export function encodeHash(shape: SetShape, around: SetSurroundings): EncodedSet {
  const encoder = new HashEncoder(shape, around);
  const { keyWords, valueWords, strideWords } = encoder;
  const slots = slotsFor(shape.elements.length);
  const words = new Uint32Array(slots * strideWords);
  const hasLabels = shape.value === "verdict" || shape.value === "object";
  const labels = hasLabels ? { labels: new Int32Array(slots).fill(NO_LABEL) } : {};
  const table = { words, strideWords, keyWords, mask: slots - 1, ...labels };
  let count = 0;
  let twins = 0;
  for (const element of shape.elements) {
    const encoded = encoder.encode(element);
    if (insertElement(table, encoded, encoder.label)) {
      count++;
      twins += encoder.twinsIn(encoded);
    } else if (shape.value !== undefined) throw new Uncompilable("two elements of a map have the same key");
  }
  const mask = slots - 1;
  return {
    kind: Layout.SET_HASH,
    keyWords,
    valueWords,
    count,
    mask,
    strideWords,
    table: words,
    references: [],
    ...labels,
    ...(encoder.twinWords > 0 ? { twins: { words: encoder.twinWords, count: twins } } : {}),
  };
}

/**
 * The hash table with other elements, in the same memory; undefined: they need another table, or another kind of table.
 * `shape`: with all elements that there are now.
 */
export function patchHash(
  before: EncodedSet,
  shape: SetShape,
  { removed, added }: { readonly removed: readonly Element[]; readonly added: readonly Element[] },
  around: SetSurroundings,
): EncodedSet | undefined {
  const count = shape.elements.length;
  if (before.kind !== Layout.SET_HASH || before.mask !== slotsFor(count) - 1 || isDense(shape)) return undefined;
  const isWhole = before.fallback === undefined && before.count - removed.length + added.length === count;
  if (!isWhole || shape.key.some((type) => type.interface) || !added.every(isSingle)) return undefined;
  const encoder = new HashEncoder(shape, around);
  const table = { ...before, words: before.table };
  let twins = before.twins?.count ?? 0;
  for (const element of removed) {
    const key = encoder.encodeKey(element);
    if (!removeElement(table, key)) return undefined;
    twins -= encoder.twinsIn(key);
  }
  for (const element of added) {
    const encoded = encoder.encode(element);
    if (!insertElement(table, encoded, encoder.label)) return undefined;
    twins += encoder.twinsIn(encoded);
  }
  return { ...before, count, ...(before.twins && { twins: { ...before.twins, count: twins } }) };
}

/** It stands for one key: neither for an interval nor for all others. */
function isSingle(element: Element): boolean {
  return !isFallback(element) && !element.key.some(isInterval);
}

/** Elements as a hash table holds them. */
class HashEncoder {
  readonly keyWords: number;
  readonly valueWords: number;
  readonly strideWords: number;
  /** Words of a key's first part, if the second has as many; else 0. */
  readonly twinWords: number;
  readonly #shape: SetShape;
  readonly #around: SetSurroundings;
  readonly #words: Uint32Array;
  readonly #references: number[] = [];

  constructor(shape: SetShape, around: SetSurroundings) {
    this.#shape = shape;
    this.#around = around;
    this.keyWords = wordsOf(shape.key);
    this.valueWords = valueWordsOf(shape);
    this.strideWords = 1 + this.keyWords + this.valueWords;
    const [first, second] = shape.key.map((type) => wordsOf([type]));
    this.twinWords = first === second ? first! : 0;
    this.#words = new Uint32Array(this.strideWords);
  }

  /** Tag, key and value: the same array for each element. */
  encode(element: Element): Uint32Array {
    const words = this.encodeKey(element);
    this.#references.length = 0;
    encodeValue(element, this.#shape, this.#around, words, 1 + this.keyWords, this.#references);
    return words;
  }

  encodeKey({ key }: Element): Uint32Array {
    const words = this.#words.fill(0);
    encodeAll(key, this.#shape.key, this.#around.interfaces, words, 1);
    words[0] = hashKey(words, 1, this.keyWords);
    return words;
  }

  /** 1: the first two parts of an encoded key are equal, as in a client that reaches itself through a Service; 0: they are not. */
  twinsIn(encoded: Uint32Array): number {
    for (let i = 1; i <= this.twinWords; i++) if (encoded[i] !== encoded[i + this.twinWords]) return 0;
    return 1;
  }

  /** Of the chain that the last element jumps or goes to, or the object that it names. */
  get label(): Label {
    return this.#references[1] ?? NO_LABEL;
  }
}
