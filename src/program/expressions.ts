/** Expressions → instructions that leave a value in a register. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import { expressionText } from "../ruleset/nft-text-expression.ts";
import type { Expression, Literal } from "../ruleset/types.ts";
import { emitBitwise, emitHash, emitMask, emitSum, isShift } from "./computed.ts";
import { emitHeader, headerField } from "./headers.ts";
import { ctSource, fibSource, metaSource, routeSource, type Source } from "./keys.ts";
import type { RuleBuilder, UsedSet } from "./rule.ts";
import { emitElementState } from "./stateful.ts";
import { Uncompilable } from "./types.ts";
import { encode, NUMBER, type ValueType, wordsOf } from "./values.ts";

type Kind<K extends Expression["kind"]> = Expression & { readonly kind: K };

/** A value in consecutive registers. */
export interface Value {
  readonly register: number;
  readonly types: readonly ValueType[];
}

/** Emits what computes the expression. `expected`: the types of literals and of values of anonymous maps. */
export function emitExpression(rule: RuleBuilder, expression: Expression, expected?: readonly ValueType[]): Value {
  const types = typesOf(rule, expression, expected);
  const register = rule.allocate(wordsOf(types));
  emitInto(rule, expression, register, types);
  return { register, types };
}

/** The types of the expression's parts. */
export function typesOf(
  rule: RuleBuilder,
  expression: Expression,
  expected?: readonly ValueType[],
): readonly ValueType[] {
  switch (expression.kind) {
    case "payload":
    case "raw":
    case "exthdr":
    case "option":
      return [headerField(expression).type];
    case "meta":
      return [metaSource(expression).type];
    case "ct":
      return [ctSource(expression).type];
    case "fib":
      return [fibSource(expression).type];
    case "rt":
      return [routeSource(expression).type];
    case "numgen":
    case "hash":
      return [NUMBER];
    case "bitwise":
      return isShift(expression) ? [NUMBER] : typesOf(rule, expression.left, expected);
    case "mask":
    case "sum":
    case "combined":
      return typesOf(rule, expression.left, expected);
    case "concat":
      return expression.parts.flatMap((part) => typesOf(rule, part));
    case "map":
      return valueTypes(rule, expression, expected);
    case "literal":
      if (expected === undefined) throw new Uncompilable("a constant cannot stand here");
      return expected;
    default:
      return refuse(expression);
  }
}

/** The words of a constant. */
export function literalWords(rule: RuleBuilder, parts: readonly Literal[], types: readonly ValueType[]): Uint32Array {
  if (parts.length !== types.length) throw new Uncompilable(`${parts.length} parts where ${types.length} are wanted`);
  const words = new Uint32Array(wordsOf(types));
  let at = 0;
  parts.forEach((part, i) => {
    at = encode(part, types[i] as ValueType, rule.scope.interfaces, words, at);
  });
  return words;
}

/** Emits the key of a set or map; the engine compares intervals like bytes. */
export function emitKeySwap(rule: RuleBuilder, key: Value, set: UsedSet): void {
  if (set.kind !== Layout.SET_INTERVAL && set.kind !== Layout.SET_FIELDS) return;
  let { register } = key;
  for (const type of key.types) {
    if (type.order === "machine") rule.emit({ operation: Instructions.OP_SWAP, register });
    register += wordsOf([type]) * 4;
  }
}

/** What the element that was found or added keeps for itself, and asks. */
export function emitStates(rule: RuleBuilder, { states = [] }: UsedSet): void {
  for (const { statement, offset } of states) emitElementState(rule, statement, offset);
}

type Emitter<E extends Expression> = (
  rule: RuleBuilder,
  expression: E,
  register: number,
  types: readonly ValueType[],
) => void;

const EMITTERS: { readonly [K in Expression["kind"]]: Emitter<Kind<K>> } = {
  payload: emitHeader,
  raw: emitHeader,
  exthdr: emitHeader,
  option: emitHeader,
  meta: (rule, expression, register) => emitSource(rule, metaSource(expression), register),
  ct: (rule, expression, register) => emitSource(rule, ctSource(expression), register),
  fib: (rule, expression, register) => emitSource(rule, fibSource(expression), register),
  rt: (rule, expression, register) => emitSource(rule, routeSource(expression), register),
  numgen: emitNumber,
  hash: emitHash,
  bitwise: emitBitwise,
  mask: emitMask,
  combined: emitCombined,
  sum: emitSum,
  concat: emitParts,
  map: emitMap,
  literal: (rule, { parts }, register, types) => emitConstant(rule, literalWords(rule, parts, types), register),
  foreign: (_, expression) => refuse(expression),
};

function refuse(expression: Expression): never {
  const what = "what" in expression ? expression.what : `"${expressionText(expression)}"`;
  throw new Uncompilable(`${what} is not supported`);
}

function emitSource(rule: RuleBuilder, { load }: Source, register: number): void {
  rule.emit({ ...load, register });
}

export function emitInto(
  rule: RuleBuilder,
  expression: Expression,
  register: number,
  types: readonly ValueType[],
): void {
  const emit = EMITTERS[expression.kind] as Emitter<Expression>;
  emit(rule, expression, register, types);
}

function emitParts(rule: RuleBuilder, { parts }: Kind<"concat">, register: number): void {
  for (const part of parts) {
    const types = typesOf(rule, part);
    emitInto(rule, part, register, types);
    register += wordsOf(types) * 4;
  }
}

/** The first number of numgen inc is 0, so the one before it is the modulus less one. */
function emitNumber(rule: RuleBuilder, { mode, modulus, offset }: Kind<"numgen">, register: number): void {
  if (modulus < 1) throw new Uncompilable("numgen needs a modulus of at least 1");
  const options = mode === "random" ? Instructions.NUMBER_RANDOM : Instructions.NUMBER_INCREMENTAL;
  rule.emit({
    operation: Instructions.OP_LOAD_NUMBER,
    register,
    length: 4,
    options,
    x: modulus,
    y: offset,
    last: modulus - 1,
  });
}

/** The right side goes into a register behind those in use. */
function emitCombined(
  rule: RuleBuilder,
  { left, right }: Kind<"combined">,
  register: number,
  types: readonly ValueType[],
): void {
  emitInto(rule, left, register, types);
  const other = emitExpression(rule, right, types);
  rule.emit({ operation: Instructions.OP_XOR, register, length: 4, y: other.register });
}

function emitMap(rule: RuleBuilder, expression: Kind<"map">, register: number, types: readonly ValueType[]): void {
  const key = emitExpression(rule, expression.key);
  const map = rule.set(expression.map, { key: key.types, value: types });
  if (map.value === undefined || typeof map.value === "string")
    throw new Uncompilable("a map of values is wanted here");
  emitKeySwap(rule, key, map);
  rule.emit({
    operation: Instructions.OP_MAP,
    register: key.register,
    length: wordsOf(key.types) * 4,
    xLabel: map.label,
    y: register,
  });
  emitStates(rule, map);
}

export function emitConstant(rule: RuleBuilder, words: Uint32Array, register: number): void {
  if (words.length > 2) {
    rule.emit({
      operation: Instructions.OP_LOAD_BYTES,
      register,
      length: words.length * 4,
      yLabel: rule.constant(words),
    });
    return;
  }
  words.forEach((word, i) => {
    rule.emit({ operation: Instructions.OP_LOAD_VALUE, register: register + i * 4, length: 4, x: word });
  });
}

function valueTypes(rule: RuleBuilder, { map }: Kind<"map">, expected?: readonly ValueType[]): readonly ValueType[] {
  const types = map.kind === "named" ? rule.scope.set(map.name)?.value : expected;
  if (types === undefined || typeof types === "string") throw new Uncompilable("a map of values is wanted here");
  return types;
}
