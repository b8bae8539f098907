/** Matches: comparisons of a value with a constant, a prefix, a range, a bit set, and lookups in sets. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Comparison, Literal, SetReference, Statement } from "../ruleset/types.ts";
import { isWildcard } from "./elements.ts";
import { emitExpression, emitKeySwap, emitStates, literalWords, typesOf, type Value } from "./expressions.ts";
import { intervalOf, maskWords } from "./intervals.ts";
import type { RuleBuilder } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { CT_STATE_AND_NAT, encode, isNatState, swap32, type ValueType, wordsOf } from "./values.ts";

type Match = Statement & { readonly kind: "match" };
type Lookup = Statement & { readonly kind: "lookup" };
/** A lookup among states that the rule lists. */
type StateLookup = Lookup & { readonly set: SetReference & { readonly kind: "anonymous" } };

const COMPARISONS: Readonly<Partial<Record<Comparison, number>>> = {
  "==": Instructions.COMPARE_EQUAL,
  "!=": Instructions.COMPARE_NOT_EQUAL,
  "<": Instructions.COMPARE_LESS,
  "<=": Instructions.COMPARE_LESS_EQUAL,
  ">": Instructions.COMPARE_GREATER,
  ">=": Instructions.COMPARE_GREATER_EQUAL,
};

export function emitMatch(rule: RuleBuilder, { left, operator, right, exact = false }: Match): void {
  if (right.kind !== "literal") throw new Uncompilable("only a constant can be compared with");
  const [literal] = right.parts;
  const types = typesOf(rule, left);
  const [type] = types;
  if (literal === undefined || type === undefined) throw new Uncompilable("nothing to compare");
  if (type.interface && isWildcard(literal)) {
    const set = { kind: "anonymous", elements: [{ key: [literal] }] } as const;
    emitLookup(rule, { kind: "lookup", key: left, set, invert: isNegation(operator) });
    return;
  }
  const value = emitExpression(rule, left);
  if (type.interface && isPresence(literal)) emitPresence(rule, value, literal.name === "exists", operator);
  else if (type.bits && left.kind !== "bitwise" && !exact) emitBits(rule, value, type, operator, right.parts);
  else if (literal.kind === "prefix") emitPrefix(rule, value, type, operator, literal);
  else if (isInterval(literal)) emitRange(rule, value, type, operator, literal);
  else emitComparison(rule, value, operator, right.parts);
}

export function emitLookup(rule: RuleBuilder, lookup: Lookup): void {
  const { key, set, invert } = lookup;
  if (asksNat(lookup)) {
    emitConnectionStates(rule, lookup);
    return;
  }
  const value = emitExpression(rule, key);
  const used = rule.set(set, { key: value.types });
  emitKeySwap(rule, value, used);
  rule.emit({
    operation: Instructions.OP_LOOKUP,
    register: value.register,
    length: wordsOf(value.types) * 4,
    options: Number(invert),
    xLabel: used.label,
  });
  if (!invert) emitStates(rule, used);
}

/** iptables' --ctstate with SNAT or DNAT among the states: one common bit is enough. */
function emitConnectionStates(rule: RuleBuilder, { set, invert }: StateLookup): void {
  const word = new Uint32Array(1);
  let bits = 0;
  for (const literal of set.elements.flatMap((element) => element.key)) {
    encode(literal, CT_STATE_AND_NAT, rule.scope.interfaces, word, 0);
    bits |= word[0] ?? 0;
  }
  const register = rule.allocate(1);
  const options = invert ? Instructions.COMPARE_EQUAL : Instructions.COMPARE_NOT_EQUAL;
  rule.emit({ operation: Instructions.OP_LOAD_CT, register, length: 4, x: Keys.CT_KEY_STATE_AND_NAT });
  rule.emit({ operation: Instructions.OP_BITWISE, register, length: 4, x: bits, y: 0 });
  rule.emit({ operation: Instructions.OP_COMPARE, register, length: 4, options, x: 0 });
}

function asksNat(lookup: Lookup): lookup is StateLookup {
  const { key, set } = lookup;
  if (key.kind !== "ct" || key.key !== "state" || set.kind !== "anonymous") return false;
  return set.elements.some((element) => element.key.some((part) => part.kind === "name" && isNatState(part.name)));
}

/** Whether `fib … oif` has found an interface. */
function emitPresence(rule: RuleBuilder, { register }: Value, exists: boolean, operator: Comparison): void {
  const isWanted = exists !== isNegation(operator);
  const options = isWanted ? Instructions.COMPARE_NOT_EQUAL : Instructions.COMPARE_EQUAL;
  rule.emit({ operation: Instructions.OP_COMPARE, register, length: 4, options, x: 0 });
}

function isPresence(literal: Literal): literal is Literal & { kind: "name" } {
  return literal.kind === "name" && (literal.name === "exists" || literal.name === "missing");
}

/** Without negation one common bit is enough, with "!" there must be none; `!=` compares all of them. */
function emitBits(
  rule: RuleBuilder,
  { register }: Value,
  type: ValueType,
  operator: Comparison,
  parts: readonly Literal[],
): void {
  const word = new Uint32Array(1);
  let bits = 0;
  for (const part of parts) {
    encode(part, type, rule.scope.interfaces, word, 0);
    bits |= word[0] ?? 0;
  }
  if (operator !== "==" && operator !== "!=" && operator !== "!")
    throw new Uncompilable(`"${operator}" does not apply to bits`);
  const isShared = operator !== "!=";
  if (isShared) rule.emit({ operation: Instructions.OP_BITWISE, register, length: 4, x: bits >>> 0, y: 0 });
  rule.emit({
    operation: Instructions.OP_COMPARE,
    register,
    length: 4,
    options: operator === "!" ? Instructions.COMPARE_EQUAL : Instructions.COMPARE_NOT_EQUAL,
    x: isShared ? 0 : bits >>> 0,
  });
}

function emitPrefix(
  rule: RuleBuilder,
  value: Value,
  type: ValueType,
  operator: Comparison,
  prefix: Literal & { kind: "prefix" },
): void {
  const { register } = value;
  const mask = maskWords(prefix.length, type);
  const { low } = intervalOf(prefix, type, rule.scope.interfaces);
  if (mask.length === 1) rule.emit({ operation: Instructions.OP_BITWISE, register, length: 4, x: mask[0] ?? 0, y: 0 });
  else {
    const none = rule.constant(new Uint32Array(mask.length));
    const length = mask.length * 4;
    rule.emit({
      operation: Instructions.OP_BITWISE_BYTES,
      register,
      length,
      xLabel: rule.constant(mask),
      yLabel: none,
    });
  }
  emitWords(rule, register, operator, low);
}

function emitRange(rule: RuleBuilder, value: Value, type: ValueType, operator: Comparison, range: Literal): void {
  const { register } = value;
  const { low, high } = intervalOf(range, type, rule.scope.interfaces);
  if (type.order === "machine") rule.emit({ operation: Instructions.OP_SWAP, register });
  rule.emit({
    operation: Instructions.OP_RANGE,
    register,
    length: low.length * 4,
    options: Number(isNegation(operator)),
    xLabel: rule.constant(low),
    yLabel: rule.constant(high),
  });
}

function emitComparison(
  rule: RuleBuilder,
  { register, types }: Value,
  operator: Comparison,
  parts: readonly Literal[],
): void {
  const words = literalWords(rule, parts, types);
  const isOrdered = operator !== "==" && operator !== "!=";
  if (isOrdered && types[0]?.order === "machine") {
    rule.emit({ operation: Instructions.OP_SWAP, register });
    words[0] = swap32(words[0] ?? 0);
  }
  emitWords(rule, register, operator, words);
}

function emitWords(rule: RuleBuilder, register: number, operator: Comparison, words: Uint32Array): void {
  const options = COMPARISONS[operator];
  if (options === undefined) throw new Uncompilable(`"${operator}" does not apply here`);
  if (words.length === 1)
    rule.emit({ operation: Instructions.OP_COMPARE, register, length: 4, options, x: words[0] ?? 0 });
  else {
    const yLabel = rule.constant(words);
    const length = words.length * 4;
    rule.emit({ operation: Instructions.OP_COMPARE_BYTES, register, length, options, yLabel, yWords: [...words] });
  }
}

function isNegation(operator: Comparison): boolean {
  if (operator !== "==" && operator !== "!=") throw new Uncompilable(`"${operator}" does not apply here`);
  return operator === "!=";
}
