/** Values that are computed of others → instructions: masks, shifts, hashes. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import { flagNames } from "../ruleset/flags.ts";
import type { Expression } from "../ruleset/types.ts";
import { convert } from "./convert.ts";
import { emitExpression, emitInto, literalWords, typesOf } from "./expressions.ts";
import type { RuleBuilder } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { CT_STATE, inOrder, NUMBER, type ValueType, wordsOf } from "./values.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;

export function emitBitwise(
  rule: RuleBuilder,
  expression: Kind<"bitwise">,
  register: number,
  types: readonly ValueType[],
): void {
  const { left, operator, right } = expression;
  const [type] = types;
  if (isShift(expression)) {
    emitNumberInto(rule, left, register);
    rule.emit({ operation: Instructions.OP_SHIFT, register, length: 4, options: Number(operator === ">>"), x: right });
    return;
  }
  if (type === undefined || types.length > 1 || type.bytes > 4)
    throw new Uncompilable(`"${operator}" needs a number of at most 32 bits`);
  emitInto(rule, left, register, types);
  const operand = inOrder(type === CT_STATE ? stateBits(right) : right, type);
  const mask = operator === "&" ? operand : operator === "|" ? ~operand >>> 0 : 0xffffffff;
  rule.emit({ operation: Instructions.OP_BITWISE, register, length: 4, x: mask, y: operator === "&" ? 0 : operand });
}

/** The engine numbers states in its own way. */
function stateBits(bits: number): number {
  return flagNames(bits, "ct_state").reduce((sum, name) => sum | (CT_STATE.names?.[name] ?? 0), 0);
}

/** The expression as a number in the machine's order. */
function emitNumberInto(rule: RuleBuilder, expression: Expression, register: number): void {
  const [type, ...others] = typesOf(rule, expression, [NUMBER]);
  if (type === undefined || others.length > 0 || type.bytes > 4) throw new Uncompilable("a number is wanted here");
  emitInto(rule, expression, register, [type]);
  convert(rule, register, type, NUMBER);
}

/** The engine adds in its own order. */
export function emitSum(
  rule: RuleBuilder,
  { left, right, max }: Kind<"sum">,
  register: number,
  types: readonly ValueType[],
): void {
  const [type] = types;
  emitNumberInto(rule, left, register);
  rule.emit({ operation: Instructions.OP_ADD, register, length: 4, x: right >>> 0, y: max });
  if (type !== undefined) convert(rule, register, NUMBER, type);
}

export function emitMask(
  rule: RuleBuilder,
  { left, mask }: Kind<"mask">,
  register: number,
  types: readonly ValueType[],
): void {
  emitInto(rule, left, register, types);
  const words = literalWords(rule, [{ kind: "address", address: mask }], types);
  const none = rule.constant(new Uint32Array(words.length));
  const length = words.length * 4;
  rule.emit({ operation: Instructions.OP_BITWISE_BYTES, register, length, xLabel: rule.constant(words), yLabel: none });
}

/** Without a seed the kernel draws one; here it is always the same. A concatenation counts whole words. */
export function emitHash(rule: RuleBuilder, expression: Kind<"hash">, register: number): void {
  const { key, modulus, seed = 0, offset } = expression;
  if (key === undefined) throw new Uncompilable("symhash, whose key only the kernel knows, is not supported");
  if (modulus < 1) throw new Uncompilable("jhash needs a modulus of at least 1");
  const value = emitExpression(rule, key);
  const [type] = value.types;
  const length = value.types.length === 1 && type !== undefined ? type.bytes : wordsOf(value.types) * 4;
  rule.emit({
    operation: Instructions.OP_HASH,
    register: value.register,
    length,
    options: register,
    x: modulus,
    y: seed,
    last: offset,
  });
}

export function isShift({ operator }: Kind<"bitwise">): boolean {
  return operator === "<<" || operator === ">>";
}
