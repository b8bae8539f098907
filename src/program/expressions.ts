/** Expressions → instructions that leave a value in a register. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import { expressionText } from "../ruleset/nft-text-expression.ts";
import type { Expression, Literal } from "../ruleset/types.ts";
import { HEADERS, type HeaderFields } from "./fields.ts";
import type { RuleBuilder, UsedSet } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import {
  CT_STATE,
  CT_STATUS,
  DIRECTION,
  encode,
  FAMILY,
  INTERFACE,
  inOrder,
  NUMBER,
  PACKET_TYPE,
  PROTOCOL,
  ROUTE_TYPE,
  type ValueType,
  wordsOf,
} from "./values.ts";

type Kind<K extends Expression["kind"]> = Expression & { readonly kind: K };

/** What the engine calls a key, and the type of its value. */
interface Source {
  readonly key: number;
  readonly type: ValueType;
}

const META: Readonly<Partial<Record<Kind<"meta">["key"], Source>>> = {
  mark: { key: Instructions.META_MARK, type: NUMBER },
  l4proto: { key: Instructions.META_PROTOCOL, type: PROTOCOL },
  nfproto: { key: Instructions.META_FAMILY, type: FAMILY },
  length: { key: Instructions.META_LENGTH, type: NUMBER },
  iif: { key: Instructions.META_IN, type: INTERFACE },
  oif: { key: Instructions.META_OUT, type: INTERFACE },
  iifname: { key: Instructions.META_IN, type: INTERFACE },
  oifname: { key: Instructions.META_OUT, type: INTERFACE },
  pkttype: { key: Instructions.META_PACKET_TYPE, type: PACKET_TYPE },
};

const CT: Readonly<Partial<Record<Kind<"ct">["key"], Source>>> = {
  state: { key: Instructions.CT_KEY_STATE, type: CT_STATE },
  status: { key: Instructions.CT_KEY_STATUS, type: CT_STATUS },
  mark: { key: Instructions.CT_KEY_MARK, type: NUMBER },
  direction: { key: Instructions.CT_KEY_DIRECTION, type: DIRECTION },
};

const FIB_BITS: Readonly<Record<Kind<"fib">["flags"][number], number>> = {
  saddr: Instructions.FIB_SOURCE,
  daddr: Instructions.FIB_DESTINATION,
  iif: Instructions.FIB_IN,
  oif: Instructions.FIB_OUT,
  mark: 0,
};

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
      return [fieldOf(expression).type];
    case "meta":
      return [sourceOf(META, "meta", expression.key).type];
    case "ct":
      return [sourceOf(CT, "ct", expression.key).type];
    case "fib":
      return [expression.result === "type" ? ROUTE_TYPE : INTERFACE];
    case "numgen":
      return [NUMBER];
    case "bitwise":
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
  if (set.kind === Layout.SET_INTERVAL && key.types[0]?.order === "machine") {
    rule.emit({ operation: Instructions.OP_SWAP, register: key.register });
  }
}

type Emitter<E extends Expression> = (
  rule: RuleBuilder,
  expression: E,
  register: number,
  types: readonly ValueType[],
) => void;

const EMITTERS: { readonly [K in Expression["kind"]]: Emitter<Kind<K>> } = {
  payload: emitPayload,
  meta: (rule, { key }, register) =>
    rule.emit({ operation: Instructions.OP_LOAD_META, register, length: 4, x: sourceOf(META, "meta", key).key }),
  ct: (rule, { key }, register) =>
    rule.emit({ operation: Instructions.OP_LOAD_CT, register, length: 4, x: sourceOf(CT, "ct", key).key }),
  fib: emitFib,
  numgen: emitNumber,
  bitwise: emitBitwise,
  concat: emitParts,
  map: emitMap,
  literal: (rule, { parts }, register, types) => emitConstant(rule, literalWords(rule, parts, types), register),
  raw: (_, expression) => refuse(expression),
  exthdr: (_, expression) => refuse(expression),
  option: (_, expression) => refuse(expression),
  rt: (_, expression) => refuse(expression),
  hash: (_, expression) => refuse(expression),
  mask: (_, expression) => refuse(expression),
  foreign: (_, expression) => refuse(expression),
};

function sourceOf<K extends string>(sources: Readonly<Partial<Record<K, Source>>>, kind: string, key: K): Source {
  const source = sources[key];
  if (source === undefined) throw new Uncompilable(`"${kind} ${key}" is not supported`);
  return source;
}

function refuse(expression: Expression): never {
  throw new Uncompilable(
    `${"what" in expression ? expression.what : `"${expressionText(expression)}"`} is not supported`,
  );
}

function emitInto(rule: RuleBuilder, expression: Expression, register: number, types: readonly ValueType[]): void {
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

function emitPayload(rule: RuleBuilder, expression: Kind<"payload">, register: number): void {
  const { offset, type } = fieldOf(expression);
  const header = HEADERS[expression.protocol] as HeaderFields;
  if (header.family !== undefined) rule.requireFamily(header.family);
  if (header.protocol !== undefined) rule.requireProtocol(header.protocol);
  const operation = header.transport ? Instructions.OP_LOAD_TRANSPORT : Instructions.OP_LOAD_NETWORK;
  rule.emit({ operation, register, length: type.bytes, x: offset });
}

function emitFib(rule: RuleBuilder, { flags, result }: Kind<"fib">, register: number): void {
  const options = flags.reduce((bits, flag) => bits | FIB_BITS[flag], 0);
  const x = result === "type" ? Instructions.FIB_TYPE : Instructions.FIB_INTERFACE;
  rule.emit({ operation: Instructions.OP_LOAD_FIB, register, length: 4, options, x });
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

function emitBitwise(
  rule: RuleBuilder,
  expression: Kind<"bitwise">,
  register: number,
  types: readonly ValueType[],
): void {
  const { left, operator, right } = expression;
  const [type] = types;
  if (type === undefined || types.length > 1 || type.bytes > 4)
    throw new Uncompilable(`"${operator}" needs a number of at most 32 bits`);
  emitInto(rule, left, register, types);
  const operand = inOrder(right, type);
  const mask = operator === "&" ? operand : operator === "|" ? ~operand >>> 0 : 0xffffffff;
  rule.emit({ operation: Instructions.OP_BITWISE, register, length: 4, x: mask, y: operator === "&" ? 0 : operand });
}

function emitMap(rule: RuleBuilder, expression: Kind<"map">, register: number, types: readonly ValueType[]): void {
  const key = emitExpression(rule, expression.key);
  const map = rule.set(expression.map, { key: key.types, value: types });
  if (map.value === undefined || map.value === "verdict") throw new Uncompilable("a map of values is wanted here");
  emitKeySwap(rule, key, map);
  rule.emit({
    operation: Instructions.OP_MAP,
    register: key.register,
    length: wordsOf(key.types) * 4,
    xLabel: map.label,
    y: register,
  });
}

function emitConstant(rule: RuleBuilder, words: Uint32Array, register: number): void {
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

function fieldOf({ protocol, field }: Kind<"payload">): { readonly offset: number; readonly type: ValueType } {
  const found = HEADERS[protocol]?.fields[field];
  if (found === undefined) throw new Uncompilable(`the field "${protocol} ${field}" is not supported`);
  return found;
}

function valueTypes(rule: RuleBuilder, { map }: Kind<"map">, expected?: readonly ValueType[]): readonly ValueType[] {
  const types = map.kind === "named" ? rule.scope.set(map.name)?.value : expected;
  if (types === undefined || types === "verdict") throw new Uncompilable("a map of values is wanted here");
  return types;
}
