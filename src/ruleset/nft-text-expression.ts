/** Expressions in the words of `nft list ruleset`. */

import { dataTypes } from "./data-type.ts";
import { flagNames } from "./flags.ts";
import { foreignText } from "./nft-text-foreign.ts";
import { commentText, durationText, isVerdict, literalsText, literalText, verdictText } from "./nft-text-literal.ts";
import { statefulText } from "./nft-text-stateful.ts";
import type { DataType, Element, Expression, Literal, SetReference } from "./types.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;

/** meta keys that nft writes without the word meta. */
const UNQUALIFIED = ["iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup"];
/** How strongly operators bind, the strongest first. */
const BINDING = ["<<", ">>", "&", "^", "|"];

/** `types`: those of the value that a constant is compared with or stored in. */
export function expressionText(expression: Expression, types: readonly DataType[] = ["integer"]): string {
  switch (expression.kind) {
    case "payload":
      return `${expression.protocol} ${expression.field}`;
    case "raw":
      return `@${expression.base},${expression.offset},${expression.length}`;
    case "meta":
      return UNQUALIFIED.includes(expression.key) ? expression.key : `meta ${expression.key}`;
    case "ct":
      return words("ct", expression.direction, expression.key);
    case "rt":
      return words("rt", expression.family, expression.key);
    case "exthdr":
      return expression.field === undefined ? `exthdr ${expression.name}` : `${expression.name} ${expression.field}`;
    case "option":
      return optionText(expression);
    case "fib":
      return `fib ${expression.flags.join(" . ")} ${expression.result}`;
    case "combined":
      return `${expressionText(expression.left)} ${expression.operator} ${expressionText(expression.right)}`;
    case "sum":
      return `${expressionText(expression.left)} ${expression.right < 0 ? "-" : "+"} ${Math.abs(expression.right)}`;
    case "bitwise":
      return bitwiseText(expression);
    case "mask":
      return `${expressionText(expression.left)} & ${expression.mask}`;
    case "concat":
      return expression.parts.map((part) => expressionText(part)).join(" . ");
    case "numgen":
      return `numgen ${expression.mode} ${moduloText(expression)}`;
    case "hash":
      return hashText(expression);
    case "map":
      return `${expressionText(expression.key)} map ${setText(expression.map, expression.key, types)}`;
    case "literal":
      return literalsText(expression.parts, types);
    case "foreign":
      return foreignText(expression);
  }
}

/** A constant that is compared with an expression: bytes of a place without a name are told in hexadecimal. */
export function comparedText(left: Expression, right: Expression): string {
  const source = left.kind === "bitwise" ? left.left : left;
  if (source.kind === "raw" && right.kind === "literal") return right.parts.map(hexText).join(" . ");
  return expressionText(right, dataTypes(left));
}

/** A set's name, or its elements. */
export function setText(set: SetReference, key: Expression, values: readonly DataType[] = []): string {
  if (set.kind === "named") return `@${set.name}`;
  const types = dataTypes(key);
  return `{ ${set.elements.map((element) => elementText(element, types, values)).join(", ")} }`;
}

/** An element of a set or map whose keys and values have these types. */
export function elementText(element: Element, keys: readonly DataType[], values: readonly DataType[]): string {
  const { key, value, comment, timeoutSeconds, expiresSeconds, statements = [] } = element;
  const parts = [literalsText(key, keys)];
  for (const statement of statements) parts.push(statefulText(statement) ?? foreignText(statement));
  if (timeoutSeconds !== undefined) parts.push("timeout", durationText(timeoutSeconds));
  if (expiresSeconds !== undefined) parts.push("expires", durationText(expiresSeconds));
  if (comment !== undefined) parts.push(commentText(comment));
  if (value !== undefined) parts.push(":", isVerdict(value) ? verdictText(value) : literalsText(value, values));
  return parts.join(" ");
}

/** An option's number is where its bits count from. */
function optionText({ header, name, field, offset = 0, length }: Kind<"option">): string {
  const isWhole = length === undefined || (offset === 0 && length === 8);
  return isWhole ? words(header, String(name), field) : `${header} @${name},${offset},${length}`;
}

function bitwiseText(expression: Kind<"bitwise">): string {
  const { operator, left, right } = expression;
  const isWeaker = left.kind === "bitwise" && BINDING.indexOf(left.operator) > BINDING.indexOf(operator);
  const leftText = isWeaker ? `(${expressionText(left)})` : expressionText(left);
  return `${leftText} ${operator} ${operandText(expression, right)}`;
}

function operandText({ operator, left }: Kind<"bitwise">, right: number): string {
  if (operator === "<<" || operator === ">>") return String(right);
  if (left.kind === "raw") return `0x${right.toString(16)}`;
  const [type = "integer"] = dataTypes(left);
  const names = flagNames(right, type);
  if (names.length === 0) return literalText({ kind: "number", value: right }, type);
  return names.length === 1 ? names[0]! : `(${names.join(" | ")})`;
}

function hashText(expression: Kind<"hash">): string {
  const { algorithm, key, modulus, seed, offset } = expression;
  const seedText = seed === undefined ? undefined : `seed 0x${seed.toString(16)}`;
  const offsetText = offset === 0 ? undefined : `offset ${offset}`;
  return words(algorithm, key && expressionText(key), `mod ${modulus}`, seedText, offsetText);
}

function moduloText({ modulus, offset }: Kind<"numgen">): string {
  return offset === 0 ? `mod ${modulus}` : `mod ${modulus} offset ${offset}`;
}

function hexText(literal: Literal): string {
  if (literal.kind === "number") return `0x${literal.value.toString(16)}`;
  return literal.kind === "range" ? `${hexText(literal.from)}-${hexText(literal.to)}` : literalText(literal, "integer");
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" ");
}
