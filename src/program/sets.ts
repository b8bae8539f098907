/** Sets and maps as tables: an array where keys count from 0, intervals where there are any, else a hash table. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Element, Literal, ObjectKind, Verdict } from "../ruleset/types.ts";
import { encodeFields } from "./field-sets.ts";
import { encodeArray, encodeHash, isDense } from "./hash-sets.ts";
import { encodeIntervals } from "./interval-sets.ts";
import { intervalOf } from "./intervals.ts";
import type { UsedObject } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { encode, type InterfaceNumbers, type ValueType, wordsOf } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

export interface SetShape {
  readonly key: readonly ValueType[];
  /** Nothing for a set; a map's values else. */
  readonly value?: readonly ValueType[] | "verdict" | "object";
  readonly elements: readonly Element[];
}

/** What encoding needs to know of the program around the set. */
export interface SetSurroundings {
  readonly interfaces: InterfaceNumbers;
  /** The label of a chain of the set's table. */
  readonly chain: (name: string) => Label;
  readonly object: (kind: ObjectKind, name: string) => UsedObject;
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
  /** The value of all keys that have no element, and its references, counted from its first word. */
  readonly fallback?: { readonly words: Uint32Array; readonly references: readonly number[] };
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
  const named = shape.elements.filter((element) => !isFallback(element));
  const expanded = { ...shape, elements: expandWildcards(named, shape.key, around.interfaces) };
  const fallback = shape.elements.find(isFallback);
  const encoded = encodeElements(expanded, around);
  return fallback === undefined ? encoded : { ...encoded, fallback: encodeFallback(fallback, shape, around) };
}

function encodeElements(shape: SetShape, around: SetSurroundings): EncodedSet {
  if (hasIntervals(shape)) return shape.key.length > 1 ? encodeFields(shape, around) : encodeIntervals(shape, around);
  return isDense(shape) ? encodeArray(shape, around) : encodeHash(shape, around);
}

/** The key "*". */
function isFallback({ key }: Element): boolean {
  const [first] = key;
  return key.length === 1 && first?.kind === "name" && first.name === "*";
}

/** A set has no values: one word stands for being in it. */
function encodeFallback(
  element: Element,
  shape: SetShape,
  around: SetSurroundings,
): NonNullable<EncodedSet["fallback"]> {
  const words = new Uint32Array(Math.max(valueWordsOf(shape), 1));
  const references: number[] = [];
  encodeValue(element, shape, around, words, 0, references);
  return { words, references };
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
  if (set.fallback !== undefined) writeFallback(writer, at, set.fallback);
}

function writeFallback(
  writer: ImageWriter,
  header: number,
  { words, references }: NonNullable<EncodedSet["fallback"]>,
): void {
  const at = writer.length;
  writer.set32(header + Layout.SET_DEFAULT, at);
  writer.appendBytes(new Uint8Array(words.buffer));
  for (let i = 0; i < references.length; i += 2) writer.refer(at + (references[i] ?? 0) * 4, references[i + 1] ?? -1);
}

export function encodeAll(
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

export function encodeValue(
  { value }: Element,
  shape: SetShape,
  { interfaces, chain, object }: SetSurroundings,
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
  if (shape.value === "object") {
    const [name] = value;
    references.push(at, object("counter", name?.kind === "name" ? name.name : "").state);
    return;
  }
  if (value.length * 2 === shape.value.length) {
    encodeEnds(value, shape.value, interfaces, table, at);
    return;
  }
  encodeAll(value, shape.value, interfaces, table, at);
}

/** Values that are ranges: the lowest ones of all parts, then the highest. */
function encodeEnds(
  literals: readonly Literal[],
  types: readonly ValueType[],
  interfaces: InterfaceNumbers,
  table: Uint32Array,
  at: number,
): void {
  const ends = literals.map((literal, index) => intervalOf(literal, types[index] as ValueType, interfaces));
  for (const words of [...ends.map(({ low }) => low), ...ends.map(({ high }) => high)]) {
    table.set(words, at);
    at += words.length;
  }
}

export function valueWordsOf({ value }: SetShape): number {
  if (value === undefined) return 0;
  if (value === "object") return 1;
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

/** Of elements for interfaces that the node does not have nothing is left. */
function expandWildcards(
  elements: readonly Element[],
  types: readonly ValueType[],
  interfaces: InterfaceNumbers,
): readonly Element[] {
  return types.reduce((expanded, type, position) => {
    if (!type.interface) return expanded;
    return expanded.flatMap((element) =>
      interfacesOf(element.key[position], interfaces).map((literal) => ({
        ...element,
        key: element.key.with(position, literal),
      })),
    );
  }, elements);
}

function interfacesOf(literal: Literal | undefined, { byName, byKernelIndex }: InterfaceNumbers): readonly Literal[] {
  if (literal === undefined) return [];
  if (literal.kind === "number") return byKernelIndex.has(literal.value) ? [literal] : [];
  if (!isWildcard(literal)) return literal.kind === "name" && !byName.has(literal.name) ? [] : [literal];
  const beginning = literal.name.slice(0, -1);
  return [...byName.keys()].filter((name) => name.startsWith(beginning)).map((name) => ({ kind: "name", name }));
}
