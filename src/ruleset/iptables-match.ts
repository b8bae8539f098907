/** The statements that most matches of iptables come to. */

import type { Element, Expression, Literal, Statement } from "./types.ts";
import { eitherOf, noneOf } from "./xt.ts";

export const STATE: Expression = { kind: "ct", key: "state" };

/** The value is the constant, in the prefix or range, or shares a bit with it; with `invert` it is not. */
export function isWhere(left: Expression, literal: Literal, invert = false): Statement {
  return { kind: "match", left, operator: invert ? "!=" : "==", right: { kind: "literal", parts: [literal] } };
}

/** The value is one of these. */
export function isAmong(key: Expression, literals: readonly Literal[], invert = false): Statement {
  const [only] = literals;
  if (literals.length === 1 && only !== undefined) return isWhere(key, only, invert);
  const elements: Element[] = literals.map((literal) => ({ key: [literal] }));
  return { kind: "lookup", key, set: { kind: "anonymous", elements }, invert };
}

/** The named set holds the value. */
export function isIn(key: Expression, name: string): Statement {
  return { kind: "lookup", key, set: { kind: "named", name }, invert: false };
}

/** Of the value's bits in the mask just those are set that the number has. */
export function isMasked(left: Expression, value: number, mask: number, all: number, invert = false): Statement {
  const bits: Expression = mask === all ? left : { kind: "bitwise", operator: "&", left, right: mask };
  return isWhere(bits, { kind: "number", value }, invert);
}

/** All statements match; with `invert` not all of them do. */
export function allOf(statements: readonly Statement[], invert: boolean): readonly Statement[] {
  return invert ? [noneOf(statements)] : statements;
}

/** One of the statements matches; with `invert` none does. */
export function oneOfThem(statements: readonly Statement[], invert: boolean): Statement {
  const each = statements.map((statement) => [statement]);
  return invert ? noneOf(...each) : eitherOf(...each);
}
