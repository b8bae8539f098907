/** Which element of a set or map a key found, so that its value and its origin can be said. */

import { intervalOf } from "../program/intervals.ts";
import { encode, type InterfaceNumbers, type ValueType, wordsOf } from "../program/values.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Element, Expression, Literal, Rule, SetReference, Statement } from "../ruleset/types.ts";

/** A part of a key as its registers hold it. */
export interface KeyPart {
  readonly type: ValueType;
  readonly bytes: Uint8Array;
  /** Its bytes have been turned around, so that they compare like bytes. */
  readonly swapped: boolean;
}

/** The first element whose key the parts are, or lie in. */
export function findElement(
  elements: readonly Element[],
  parts: readonly KeyPart[],
  interfaces: InterfaceNumbers,
): Element | undefined {
  const found = elements.find(
    ({ key }) => key.length === parts.length && key.every((literal, i) => holds(literal, parts[i]!, interfaces)),
  );
  return found ?? elements.find(({ key }) => key.length === 1 && key.every(isRest));
}

/** The sets that a rule's lookups ask, in the order in which they ask. */
export function setReferences({ statements }: Rule): readonly SetReference[] {
  return statements.flatMap(ofStatement);
}

/** The key "*" stands for what no other element is for. */
function isRest(literal: Literal): boolean {
  return literal.kind === "name" && literal.name === "*";
}

function holds(literal: Literal, { type, bytes, swapped }: KeyPart, interfaces: InterfaceNumbers): boolean {
  if (isRest(literal)) return false;
  if (type.interface && literal.kind === "name" && literal.name.endsWith("*")) {
    const beginning = literal.name.slice(0, -1);
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return [...interfaces.byName].some(([name, known]) => known === number && name.startsWith(beginning));
  }
  if (swapped || isInterval(literal)) {
    const { low, high } = intervalOf(literal, type, interfaces);
    return compare(bytes, bytesOf(low)) >= 0 && compare(bytes, bytesOf(high)) <= 0;
  }
  const words = new Uint32Array(wordsOf([type]));
  encode(literal, type, interfaces, words, 0);
  return compare(bytes, bytesOf(words)) === 0;
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function ofStatement(statement: Statement): readonly SetReference[] {
  switch (statement.kind) {
    case "match":
      return [...ofExpression(statement.left), ...ofWildcard(statement.right)];
    case "lookup":
      return [...ofExpression(statement.key), statement.set];
    case "vmap":
      return [...ofExpression(statement.key), statement.map];
    case "set":
      return [...ofExpression(statement.key), { kind: "named", name: statement.set }];
    case "mangle":
      return ofExpression(statement.value);
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return statement.target === undefined ? [] : ofExpression(statement.target);
    default:
      return [];
  }
}

/** An interface name that ends with "*" is compiled as a lookup among the names that it stands for. */
function ofWildcard(right: Expression): readonly SetReference[] {
  const literal = right.kind === "literal" ? right.parts[0] : undefined;
  if (literal?.kind !== "name" || !literal.name.endsWith("*")) return [];
  return [{ kind: "anonymous", elements: [{ key: [literal] }] }];
}

function ofExpression(expression: Expression): readonly SetReference[] {
  switch (expression.kind) {
    case "map":
      return [...ofExpression(expression.key), expression.map];
    case "bitwise":
      return ofExpression(expression.left);
    case "concat":
      return expression.parts.flatMap(ofExpression);
    default:
      return [];
  }
}
