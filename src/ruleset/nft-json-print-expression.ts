/** Expressions, constants and the elements of sets in libnftables-json(5). */

import { dataTypes } from "./data-type.ts";
import { flagNames } from "./flags.ts";
import type { Json, JsonObject } from "./json.ts";
import { statefulJson } from "./nft-json-stateful.ts";
import { PROTOCOL_NAMES } from "./protocols.ts";
import type { Element, Expression, Literal, SetReference, Statement, Verdict } from "./types.ts";

export function expressionJson(expression: Expression): Json {
  switch (expression.kind) {
    case "payload":
      return { payload: { protocol: expression.protocol, field: expression.field } };
    case "raw":
      return { payload: { base: expression.base, offset: expression.offset, len: expression.length } };
    case "meta":
      return { meta: { key: expression.key } };
    case "ct": {
      const { key, direction } = expression;
      return { ct: direction === undefined ? { key } : { key, dir: direction } };
    }
    case "rt":
      return { rt: withoutKind(expression) };
    case "exthdr":
      return { exthdr: withoutKind(expression) };
    case "option":
      return optionJson(expression);
    case "fib":
      return { fib: { result: expression.result, flags: expression.flags } };
    case "combined":
      return { [expression.operator]: [expressionJson(expression.left), expressionJson(expression.right)] };
    case "sum":
      return { "+": [expressionJson(expression.left), expression.right] };
    case "bitwise":
      return { [expression.operator]: [expressionJson(expression.left), bitsJson(expression)] };
    case "mask":
      return { "&": [expressionJson(expression.left), expression.mask] };
    case "concat":
      return { concat: expression.parts.map(expressionJson) };
    case "numgen":
      return { numgen: { mode: expression.mode, mod: expression.modulus, offset: expression.offset } };
    case "hash":
      return { [expression.algorithm]: hashJson(expression) };
    case "map":
      return { map: { key: expressionJson(expression.key), data: referenceJson(expression.map) } };
    case "literal":
      return literalsJson(expression.parts);
    case "foreign":
      return expression.json;
  }
}

/** The fields of an expression that has nft's own. */
function withoutKind({ kind: _, ...fields }: Extract<Expression, { kind: "rt" | "exthdr" }>): Json {
  return { ...fields };
}

function optionJson({ header, name, field, offset, length }: Extract<Expression, { kind: "option" }>): Json {
  if (length !== undefined) return { [header]: { base: name, offset: offset ?? 0, len: length } };
  return { [header]: field === undefined ? { name } : { name, field } };
}

/** Flags are told by their names, as the values that are compared with them. */
function bitsJson({ left, right }: Extract<Expression, { kind: "bitwise" }>): Json {
  const names = flagNames(right, dataTypes(left)[0] ?? "integer");
  return names.length < 2 ? (names[0] ?? right) : names;
}

function hashJson({ key, modulus, seed, offset }: Extract<Expression, { kind: "hash" }>): Json {
  return {
    mod: modulus,
    ...(seed === undefined ? {} : { seed }),
    ...(offset === 0 ? {} : { offset }),
    ...(key === undefined ? {} : { expr: expressionJson(key) }),
  };
}

export function elementJson(element: Element): Json {
  const { key, value, comment, timeoutSeconds, expiresSeconds, statements = [] } = element;
  const plain = literalsJson(key);
  const own: JsonObject = {
    ...(comment === undefined ? {} : { comment }),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
    ...(expiresSeconds === undefined ? {} : { expires: expiresSeconds }),
    ...Object.assign({}, ...statements.map(elementStatementJson)),
  };
  const keyJson = Object.keys(own).length === 0 ? plain : { elem: { val: plain, ...own } };
  if (value === undefined) return keyJson;
  return [keyJson, isVerdict(value) ? verdictJson(value) : literalsJson(value)];
}

/** What an element keeps for itself. */
export function elementStatementJson(statement: Statement): Json {
  return statement.kind === "foreign" ? statement.json : (statefulJson(statement, true) ?? null);
}

export function referenceJson(set: SetReference): Json {
  return set.kind === "named" ? `@${set.name}` : { set: set.elements.map(elementJson) };
}

export function verdictJson(verdict: Verdict): Json {
  const target = verdict.kind === "jump" || verdict.kind === "goto" ? { target: verdict.chain } : null;
  return { [verdict.kind]: target };
}

function literalsJson(literals: readonly Literal[]): Json {
  const parts = literals.map(literalJson);
  return parts.length === 1 ? parts[0]! : { concat: parts };
}

export function literalJson(literal: Literal): Json {
  switch (literal.kind) {
    case "address":
      return literal.address;
    case "number":
      return literal.value;
    case "protocol":
      return PROTOCOL_NAMES.get(literal.protocol) ?? literal.protocol;
    case "name":
      return nameOrPresence(literal.name);
    case "prefix":
      return { prefix: { addr: literal.address, len: literal.length } };
    case "number prefix":
      return { prefix: { addr: literal.value, len: literal.length } };
    case "range":
      return { range: [literalJson(literal.from), literalJson(literal.to)] };
  }
}

function nameOrPresence(name: string): Json {
  if (name === "exists" || name === "missing") return name === "exists";
  return name.includes(",") ? name.split(",") : name;
}

function isVerdict(value: NonNullable<Element["value"]>): value is Verdict {
  return !Array.isArray(value);
}
