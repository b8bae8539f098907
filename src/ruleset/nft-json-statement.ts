/** Statements of libnftables-json(5). What is not taken apart is kept as it is, and named. */

import { dataTypes, isBitSet } from "./data-type.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  oneOf,
  stringOf,
  tagged,
  UnsupportedError,
} from "./json.ts";
import { readExpression, readSetReference } from "./nft-json-expression.ts";
import { readVerdict } from "./nft-json-literal.ts";
import { isNatKind, readNat } from "./nft-json-nat.ts";
import { readStateful } from "./nft-json-stateful.ts";
import { OBJECT_KINDS } from "./nft-words.ts";
import type { Comparison, Expression, NamedSet, ObjectKind, RejectWith, Statement, TableFamily } from "./types.ts";

const COMPARISONS: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">=", "!"];
const SET_OPERATIONS = ["add", "update", "delete"] as const;
const REJECT_TYPES = ["icmp", "icmpv6", "icmpx"] as const;
const MARKS = ["meta mark", "ct mark"] as const;
const DEFAULT_REJECT_CODE = "port-unreachable";
/** What nft says where the rule says nothing; other families have no rules that reject. */
export const DEFAULT_REJECT_TYPES: Readonly<Record<TableFamily, string>> = {
  ip: "icmp",
  ip6: "icmpv6",
  inet: "icmpx",
  bridge: "icmpx",
  netdev: "icmpx",
  arp: "icmpx",
};

/** What a statement's meaning depends on: the table's family, and the sets that were declared before. */
export interface StatementContext {
  readonly family: TableFamily;
  readonly sets: readonly NamedSet[];
}

/** The statement; what is not understood becomes one that is kept and printed. */
export function readStatement(json: Json, context: StatementContext): Statement {
  try {
    return readKnown(json, context);
  } catch (cause) {
    if (!(cause instanceof UnsupportedError)) throw cause;
    return { kind: "foreign", what: cause.message, json };
  }
}

function readKnown(json: Json, context: StatementContext): Statement {
  if (typeof json === "string") throw new UnsupportedError(`"${json}", which nft did not write as JSON,`);
  const [kind, value] = tagged(json, "statement");
  const verdict = readVerdict(json);
  if (verdict !== undefined) return { kind: "verdict", verdict };
  if (isNatKind(kind)) return readNat(kind, value, context);
  const stateful = readStateful(kind, value);
  if (stateful !== undefined) return stateful;
  const object = OBJECT_KINDS.find((name) => name === kind);
  if (object !== undefined) return readReference(object, value);
  switch (kind) {
    case "match":
      return readMatch(value);
    case "vmap": {
      const { key, data } = objectOf(value, kind);
      const keyExpression = readExpression(key, []);
      return { kind, key: keyExpression, map: readSetReference(data, dataTypes(keyExpression), "verdict") };
    }
    case "mangle":
      return readMangle(value);
    case "set":
    case "map":
      return readUpdate(kind, objectOf(value, kind));
    case "reject":
      return readReject(value, context.family);
    case "log":
    case "queue":
      return { kind, json: value };
    case "reset":
      return readReset(value);
    case "notrack":
      return { kind };
    default:
      throw new UnsupportedError(`statement "${kind}"`);
  }
}

/** An object by its name, or by what a map of names says. */
function readReference(object: ObjectKind, value: Json): Statement {
  if (typeof value === "string") return { kind: "object", object, name: value };
  if (!isObject(value) || !("map" in value)) throw new UnsupportedError(`statement "${object}"`);
  return { kind: "object", object, name: readExpression(value, ["string"]) };
}

function readMatch(value: Json): Statement {
  const { op, left, right } = objectOf(value, "match");
  const key = readExpression(left, []);
  const isSet = (typeof right === "string" && right.startsWith("@")) || (isObject(right) && "set" in right);
  const { operator, exact } = readComparison(op, key);
  if (!isSet) {
    const constant = readExpression(right, dataTypes(key));
    return { kind: "match", left: key, operator, right: constant, ...(exact ? { exact } : {}) };
  }
  if (operator !== "==" && operator !== "!=") throw new UnsupportedError(`${operator} with a set`);
  return { kind: "lookup", key, set: readSetReference(right, dataTypes(key), undefined), invert: operator === "!=" };
}

/**
 * "in" tests bits. "==" with a whole bit set is another test, except for ct state: a packet has exactly one state.
 */
function readComparison(op: Json | undefined, left: Expression): { operator: Comparison; exact: boolean } {
  if (op === "in") {
    if (!isBitSet(left)) throw new UnsupportedError('"in" with what is no bit set');
    return { operator: "==", exact: false };
  }
  const operator = oneOf(op, COMPARISONS, "match operator");
  const isState = left.kind === "ct" && left.key === "state";
  return { operator, exact: operator === "==" && isBitSet(left) && !isState };
}

function readMangle(value: Json): Statement {
  const { key, value: newValue } = objectOf(value, "mangle");
  const [object, fields] = tagged(key, "mangle key");
  const target = readExpression(key, []);
  const assigned = readExpression(newValue, dataTypes(target));
  const words = isObject(fields) && fields.dir === undefined ? `${object} ${fields.key}` : "";
  const mark = MARKS.find((name) => name === words);
  return mark === undefined
    ? { kind: "assign", target, value: assigned }
    : { kind: "mangle", target: mark, value: assigned };
}

function readUpdate(kind: "set" | "map", fields: JsonObject): Statement {
  const { op, elem, [kind]: set, data, stmt, ...others } = fields;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new UnsupportedError(`${kind} statement with "${other}"`);
  const wrapped = isObject(elem) && isObject(elem.elem) ? elem.elem : undefined;
  const timeout = wrapped?.timeout;
  const statements = stmt === undefined ? undefined : listOf(stmt, "stmt").map(readElementStatement);
  return {
    kind: "set",
    operation: oneOf(op, SET_OPERATIONS, "set operation"),
    set: stringOf(set, kind).replace(/^@/, ""),
    key: readExpression(wrapped === undefined ? elem : wrapped.val, []),
    ...(data === undefined ? {} : { value: readExpression(data, []) }),
    ...(timeout === undefined ? {} : { timeoutSeconds: numberOf(timeout, "timeout") }),
    ...(statements === undefined ? {} : { statements }),
  };
}

/** A statement that each element of a set has for itself. */
export function readElementStatement(json: Json): Statement {
  const [kind, value] = tagged(json, "stmt");
  return readStateful(kind, value) ?? { kind: "foreign", what: `"${kind}" of an element`, json };
}

function readReject(value: Json, family: TableFamily): Statement {
  const { type, expr } = value === null ? {} : objectOf(value, "reject");
  if (type === undefined) return { kind: "reject" };
  if (type === "tcp reset") return { kind: "reject", with: { type } };
  const code = typeof expr === "number" ? String(expr) : stringOf(expr, "reject expr");
  if (type === DEFAULT_REJECT_TYPES[family] && code === DEFAULT_REJECT_CODE) return { kind: "reject" };
  const answer: RejectWith = { type: oneOf(type, REJECT_TYPES, "reject type"), code };
  return { kind: "reject", with: answer };
}

function readReset(value: Json): Statement {
  const option = readExpression(value, []);
  if (option.kind !== "option") throw new UnsupportedError("reset of what is no option");
  return { kind: "reset option", option };
}
