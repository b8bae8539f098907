/** The elements of sets and maps: their shape, and their keys and values as words. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import type { Element, Literal, ObjectKind, Verdict } from "../ruleset/types.ts";
import { intervalOf } from "./intervals.ts";
import type { UsedObject } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { encode, type InterfaceNumbers, type ValueType, wordsOf } from "./values.ts";
import type { Label } from "./writer.ts";

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

/** An interface name that ends with "*" stands for all interfaces whose names begin so. */
export function isWildcard(literal: Literal): literal is Literal & { kind: "name" } {
  return literal.kind === "name" && literal.name.endsWith("*");
}

/** The key "*". */
export function isFallback({ key }: Element): boolean {
  const [first] = key;
  return key.length === 1 && first?.kind === "name" && first.name === "*";
}
