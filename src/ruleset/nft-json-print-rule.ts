/** Statements, expressions and constants in libnftables-json(5). */

import { dataTypes, isBitSet } from "./data-type.ts";
import { flagNames } from "./flags.ts";
import type { Json, JsonObject } from "./json.ts";
import { statefulJson } from "./nft-json-stateful.ts";
import { DEFAULT_REJECT_TYPES } from "./nft-json-statement.ts";
import { PROTOCOL_NAMES } from "./protocols.ts";
import type {
  Element,
  Expression,
  Literal,
  Nat,
  ObjectReference,
  SetReference,
  Statement,
  TableFamily,
  Verdict,
} from "./types.ts";
import { xtName } from "./xt.ts";

type Kind<K extends Statement["kind"]> = Extract<Statement, { readonly kind: K }>;

export function statementJson(statement: Statement, family: TableFamily): Json {
  switch (statement.kind) {
    case "match":
      return matchJson(statement);
    case "lookup": {
      const op = statement.invert ? "!=" : "==";
      return { match: { op, left: expressionJson(statement.key), right: referenceJson(statement.set) } };
    }
    case "vmap":
      return { vmap: { key: expressionJson(statement.key), data: referenceJson(statement.map) } };
    case "set":
      return updateJson(statement);
    case "mangle": {
      const [object, key] = statement.target.split(" ");
      return { mangle: { key: { [object!]: { key: key! } }, value: expressionJson(statement.value) } };
    }
    case "assign":
      return { mangle: { key: expressionJson(statement.target), value: expressionJson(statement.value) } };
    case "reject":
      return { reject: rejectJson(statement, family) };
    case "counter":
    case "quota":
    case "limit":
    case "connlimit":
      return statefulJson(statement) ?? null;
    case "verdict":
      return verdictJson(statement.verdict);
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return { [statement.kind]: natJson(statement) };
    default:
      return otherJson(statement);
  }
}

type Other = Kind<
  | "notrack"
  | "log"
  | "queue"
  | "object"
  | "reset option"
  | "statistic"
  | "recent"
  | "nfacct"
  | "xt"
  | "alternatives"
  | "foreign"
>;

function otherJson(statement: Other): Json {
  switch (statement.kind) {
    case "notrack":
      return { notrack: null };
    case "log":
    case "queue":
      return { [statement.kind]: statement.json };
    case "object":
      return { [statement.object]: nameJson(statement) };
    case "reset option":
      return { reset: expressionJson(statement.option) };
    case "foreign":
      return statement.json;
    case "xt": {
      const [type, name] = xtName(statement);
      return { xt: { type, name } };
    }
    case "alternatives":
      throw new Error("nft has no words for alternatives");
    default:
      return { xt: { type: "match", name: statement.kind } };
  }
}

/** Bit sets are compared with "in", but where all bits count; ct state is a set of one bit. */
function matchJson({ left, operator, right, exact }: Kind<"match">): Json {
  const op = operator === "==" && isBitSet(left) && !exact ? "in" : operator;
  return { match: { op, left: expressionJson(left), right: expressionJson(right) } };
}

function updateJson({ operation, set, key, value, timeoutSeconds, statements }: Kind<"set">): Json {
  const val = expressionJson(key);
  const elem = timeoutSeconds === undefined ? val : { elem: { val, timeout: timeoutSeconds } };
  const stmt = statements && { stmt: statements.map(elementStatementJson) };
  if (value === undefined) return { set: { op: operation, elem, set: `@${set}`, ...stmt } };
  return { map: { op: operation, elem, data: expressionJson(value), map: `@${set}`, ...stmt } };
}

function elementStatementJson(statement: Statement): Json {
  return statement.kind === "foreign" ? statement.json : (statefulJson(statement, true) ?? null);
}

function nameJson({ name }: ObjectReference): Json {
  return typeof name === "string" ? name : expressionJson(name);
}

/** Without a stated answer nft says port unreachable, in the table's family. */
function rejectJson({ with: answer }: Kind<"reject">, family: TableFamily): Json {
  if (answer?.type === "tcp reset") return { type: answer.type };
  if (answer !== undefined) return { type: answer.type, expr: answer.code };
  return { type: DEFAULT_REJECT_TYPES[family], expr: "port-unreachable" };
}

function natJson({ family, target, port, portOf, prefix, flags }: Nat): Json {
  const words = prefix ? ["netmap", ...flags] : flags;
  const body: JsonObject = {
    ...(family === undefined ? {} : { family }),
    ...(target === undefined ? {} : { addr: expressionJson(target) }),
    ...(port === undefined ? {} : { port: literalJson(port) }),
    ...(portOf === undefined ? {} : { port: expressionJson(portOf) }),
    ...(words.length === 0 ? {} : { flags: words.length === 1 ? words[0]! : words }),
    ...(prefix ? { type_flags: "prefix" } : {}),
  };
  return Object.keys(body).length === 0 ? null : body;
}

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

function referenceJson(set: SetReference): Json {
  return set.kind === "named" ? `@${set.name}` : { set: set.elements.map(elementJson) };
}

function verdictJson(verdict: Verdict): Json {
  const target = verdict.kind === "jump" || verdict.kind === "goto" ? { target: verdict.chain } : null;
  return { [verdict.kind]: target };
}

function literalsJson(literals: readonly Literal[]): Json {
  const parts = literals.map(literalJson);
  return parts.length === 1 ? parts[0]! : { concat: parts };
}

function literalJson(literal: Literal): Json {
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
