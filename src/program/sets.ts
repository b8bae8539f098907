/** Sets and maps as tables: an array where keys count from 0, intervals where there are any, else a hash table. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Element, Literal, Verdict } from "../ruleset/types.ts";
import { hashKey } from "./hash.ts";
import { intervalOf, sortIntervals } from "./intervals.ts";
import { Uncompilable } from "./types.ts";
import { encode, type InterfaceNumbers, NUMBER, type ValueType, wordsOf } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

export interface SetShape {
  readonly key: readonly ValueType[];
  /** Nothing for a set; a map's values else. */
  readonly value?: readonly ValueType[] | "verdict";
  readonly elements: readonly Element[];
}

/** What encoding needs to know of the program around the set. */
export interface SetSurroundings {
  readonly interfaces: InterfaceNumbers;
  /** The label of a chain of the set's table. */
  readonly chain: (name: string) => Label;
}

export interface EncodedSet {
  readonly kind: number;
  readonly keyWords: number;
  readonly valueWords: number;
  readonly count: number;
  /** HASH: slots − 1. */
  readonly mask: number;
  readonly strideWords: number;
  readonly table: Uint32Array;
  /** Words of the table that are offsets of chains: word, label, word, label … */
  readonly references: readonly number[];
}

const VERDICT_WORDS = Layout.VERDICT_VALUE_BYTES / 4;

/** The operation of each verdict. */
export const VERDICT_OPERATIONS: Readonly<Record<Verdict["kind"], number>> = {
  continue: Instructions.OP_CONTINUE,
  accept: Instructions.OP_ACCEPT,
  drop: Instructions.OP_DROP,
  return: Instructions.OP_RETURN,
  jump: Instructions.OP_JUMP,
  goto: Instructions.OP_GOTO,
};

export function encodeSet(shape: SetShape, around: SetSurroundings): EncodedSet {
  const keyWords = wordsOf(shape.key);
  if (keyWords * 4 > Layout.KEY_BYTES_MAX) throw new Uncompilable("the key is too long");
  const expanded = { ...shape, elements: expandWildcards(shape.elements, shape.key, around.interfaces) };
  if (hasIntervals(expanded)) return encodeIntervals(expanded, around);
  return isDense(expanded) ? encodeArray(expanded, around) : encodeHash(expanded, around);
}

/** Appends the set's header and its table; `label` is placed at the header. */
export function writeSet(writer: ImageWriter, label: Label, set: EncodedSet): void {
  writer.align(8);
  writer.place(label);
  const at = writer.reserve(Layout.SET_SIZE);
  writer.set8(at + Layout.SET_KIND, set.kind);
  writer.set8(at + Layout.SET_KEY_BYTES, set.keyWords * 4);
  writer.set8(at + Layout.SET_VALUE_BYTES, set.valueWords * 4);
  writer.set32(at + Layout.SET_COUNT, set.count);
  writer.set32(at + Layout.SET_MASK, set.mask);
  writer.set32(at + Layout.SET_STRIDE, set.strideWords * 4);
  writer.set32(at + Layout.SET_ELEMENTS, writer.length);
  const table = writer.length;
  writer.appendBytes(new Uint8Array(set.table.buffer));
  for (let i = 0; i < set.references.length; i += 2) {
    writer.refer(table + (set.references[i] ?? 0) * 4, set.references[i + 1] ?? -1);
  }
}

function encodeHash(shape: SetShape, around: SetSurroundings): EncodedSet {
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

function isDense({ key, value, elements }: SetShape): boolean {
  if (key.length !== 1 || key[0] !== NUMBER || value === undefined || elements.length === 0) return false;
  const present = new Uint8Array(elements.length);
  for (const element of elements) {
    const literal = element.key[0];
    if (literal?.kind !== "number" || literal.value >= elements.length || present[literal.value] === 1) return false;
    present[literal.value] = 1;
  }
  return true;
}

function encodeArray(shape: SetShape, around: SetSurroundings): EncodedSet {
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

function encodeIntervals(shape: SetShape, around: SetSurroundings): EncodedSet {
  const [type] = shape.key;
  if (type === undefined || shape.key.length > 1)
    throw new Uncompilable("intervals in concatenations are not supported");
  const intervals = shape.elements.map((element) => {
    const [literal] = element.key;
    if (literal === undefined) throw new Uncompilable("an element has no key");
    return { ...intervalOf(literal, type, around.interfaces), element };
  });
  const sorted = sortIntervals(intervals, shape.value === undefined);
  const keyWords = wordsOf(shape.key);
  const valueWords = valueWordsOf(shape);
  const strideWords = keyWords * 2 + valueWords;
  const table = new Uint32Array(sorted.length * strideWords);
  const references: number[] = [];
  sorted.forEach(({ low, high, element }, index) => {
    const at = index * strideWords;
    table.set(low, at);
    table.set(high, at + keyWords);
    encodeValue(element, shape, around, table, at + keyWords * 2, references);
  });
  return {
    kind: Layout.SET_INTERVAL,
    keyWords,
    valueWords,
    count: sorted.length,
    mask: 0,
    strideWords,
    table,
    references,
  };
}

function encodeAll(
  literals: readonly Literal[],
  types: readonly ValueType[],
  interfaces: InterfaceNumbers,
  words: Uint32Array,
  at: number,
): void {
  if (literals.length !== types.length)
    throw new Uncompilable(`${literals.length} parts where ${types.length} are wanted`);
  for (let i = 0; i < types.length; i++)
    at = encode(literals[i] as Literal, types[i] as ValueType, interfaces, words, at);
}

function encodeValue(
  { value }: Element,
  shape: SetShape,
  { interfaces, chain }: SetSurroundings,
  table: Uint32Array,
  at: number,
  references: number[],
): void {
  if (shape.value === undefined) return;
  if (shape.value === "verdict") {
    if (value === undefined || !("kind" in value)) throw new Uncompilable("an element has no verdict");
    table[at] = VERDICT_OPERATIONS[value.kind];
    if (value.kind === "jump" || value.kind === "goto") references.push(at + 1, chain(value.chain));
    return;
  }
  if (value === undefined || "kind" in value) throw new Uncompilable("an element has no value");
  encodeAll(value, shape.value, interfaces, table, at);
}

function valueWordsOf({ value }: SetShape): number {
  if (value === undefined) return 0;
  return value === "verdict" ? VERDICT_WORDS : wordsOf(value);
}

function hasIntervals({ elements }: SetShape): boolean {
  for (const { key } of elements) {
    for (const literal of key) if (isInterval(literal)) return true;
  }
  return false;
}

/** An interface name that ends with "*" stands for all interfaces whose names begin so. */
export function isWildcard(literal: Literal): literal is Literal & { kind: "name" } {
  return literal.kind === "name" && literal.name.endsWith("*");
}

function expandWildcards(
  elements: readonly Element[],
  types: readonly ValueType[],
  interfaces: InterfaceNumbers,
): readonly Element[] {
  const position = types.findIndex((type) => type.interface);
  if (position < 0) return elements;
  return elements.flatMap((element) => {
    const literal = element.key[position];
    if (literal === undefined || !isWildcard(literal)) return [element];
    const beginning = literal.name.slice(0, -1);
    const names = [...interfaces.byName.keys()].filter((name) => name.startsWith(beginning));
    return names.map((name) => ({ ...element, key: element.key.with(position, { kind: "name", name }) }));
  });
}
