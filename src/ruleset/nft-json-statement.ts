/** Statements of libnftables-json(5), as far as the ruleset has them. */

import { dataTypes, isBitSet } from "./data-type.ts";
import { isList, isObject, type Json, numberOf, objectOf, oneOf, stringOf, tagged, UnsupportedError } from "./json.ts";
import { readExpression, readLiteral, readSetReference, readVerdict } from "./nft-json-expression.ts";
import type { Comparison, DataType, Expression, NamedSet, Nat, RejectWith, Statement, TableFamily } from "./types.ts";

const COMPARISONS: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">="];
const SET_OPERATIONS = ["add", "update", "delete"] as const;
const NAT_KINDS = ["dnat", "snat", "masquerade", "redirect"] as const;
const NAT_FLAGS = ["random", "fully-random", "persistent"] as const;
const NAT_FAMILIES = ["ip", "ip6"] as const;
const REJECT_TYPES = ["icmp", "icmpv6", "icmpx"] as const;
const MANGLE_TARGETS = ["meta mark", "ct mark"] as const;
const DEFAULT_REJECT_CODE = "port-unreachable";
const DEFAULT_REJECT_TYPES: Readonly<Record<TableFamily, string>> = { ip: "icmp", ip6: "icmpv6", inet: "icmpx" };

/** Statements that change neither packets nor their way. */
const WITHOUT_EFFECT = ["log"];

/** What a statement's meaning depends on: the table's family, and the sets that were declared before. */
export interface StatementContext {
  readonly family: TableFamily;
  readonly sets: readonly NamedSet[];
}

/** The statement, or undefined for one that only tells somebody. */
export function readStatement(json: Json, context: StatementContext): Statement | undefined {
  const [kind, value] = tagged(json, "statement");
  if (WITHOUT_EFFECT.includes(kind)) return undefined;
  const verdict = readVerdict(json);
  if (verdict !== undefined) return { kind: "verdict", verdict };
  const nat = NAT_KINDS.find((name) => name === kind);
  if (nat !== undefined) return readNat(nat, value, context);
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
      return readSetStatement(value);
    case "reject":
      return readReject(value, context.family);
    case "counter": {
      if (!isObject(value)) throw new UnsupportedError("counter by name");
      return { kind, packets: numberOf(value.packets, "packets"), bytes: numberOf(value.bytes, "bytes") };
    }
    case "notrack":
      return { kind };
    default:
      throw new UnsupportedError(`statement "${kind}"`);
  }
}

function readMatch(value: Json): Statement {
  const { op, left, right } = objectOf(value, "match");
  const key = readExpression(left, []);
  const isSet = (typeof right === "string" && right.startsWith("@")) || (isObject(right) && "set" in right);
  const operator = readComparison(op, key);
  if (!isSet) return { kind: "match", left: key, operator, right: readExpression(right, dataTypes(key)) };
  if (operator !== "==" && operator !== "!=") throw new UnsupportedError(`${operator} with a set`);
  return { kind: "lookup", key, set: readSetReference(right, dataTypes(key), undefined), invert: operator === "!=" };
}

/**
 * "in" tests bits. "==" with a whole bit set is another test, except for ct state: a packet has exactly one state.
 */
function readComparison(op: Json | undefined, left: Expression): Comparison {
  if (op === "in" && isBitSet(left)) return "==";
  const comparison = oneOf(op, COMPARISONS, "match operator");
  const isState = left.kind === "ct" && left.key === "state";
  if (isBitSet(left) && !isState) throw new UnsupportedError(`${comparison} with a whole bit set`);
  return comparison;
}

function readMangle(value: Json): Statement {
  const { key, value: newValue } = objectOf(value, "mangle");
  const [object, fields] = tagged(key, "mangle key");
  const target = oneOf(`${object} ${stringOf(objectOf(fields, object).key, "key")}`, MANGLE_TARGETS, "mangle of");
  return { kind: "mangle", target, value: readExpression(newValue, ["mark"]) };
}

function readSetStatement(value: Json): Statement {
  const { op, elem, set, ...others } = objectOf(value, "set");
  const [other] = Object.keys(others);
  if (other !== undefined) throw new UnsupportedError(`set statement with "${other}"`);
  const wrapped = isObject(elem) && isObject(elem.elem) ? elem.elem : undefined;
  const timeout = wrapped?.timeout;
  return {
    kind: "set",
    operation: oneOf(op, SET_OPERATIONS, "set operation"),
    set: stringOf(set, "set").replace(/^@/, ""),
    key: readExpression(wrapped === undefined ? elem : wrapped.val, []),
    ...(timeout === undefined ? {} : { timeoutSeconds: numberOf(timeout, "timeout") }),
  };
}

function readNat(kind: Nat["kind"], value: Json, context: StatementContext): Nat {
  const { family, addr, port, flags = [] } = value === null ? {} : objectOf(value, kind);
  const network = family === undefined ? undefined : oneOf(family, NAT_FAMILIES, "nat family");
  const address: DataType = (network ?? context.family) === "ip6" ? "ipv6_addr" : "ipv4_addr";
  const target = addr === undefined ? undefined : readExpression(addr, [address, "inet_service"]);
  return {
    kind,
    ...(network === undefined ? {} : { family: network }),
    ...(target === undefined ? {} : { target }),
    ...(target !== undefined && givesPort(target, context.sets) ? { addressAndPort: true } : {}),
    ...(port === undefined ? {} : { port: readLiteral(port, "inet_service") }),
    flags: (isList(flags) ? flags : [flags]).map((flag) => oneOf(flag, NAT_FLAGS, "nat flag")),
  };
}

/** The target is a map whose values are an address with its port. */
function givesPort(target: Expression, sets: readonly NamedSet[]): boolean {
  if (target.kind !== "map") return false;
  const { map } = target;
  if (map.kind === "named") return sets.find(({ name }) => name === map.name)?.value?.length === 2;
  return map.elements.some(({ value }) => Array.isArray(value) && value.length === 2);
}

function readReject(value: Json, family: TableFamily): Statement {
  const { type, expr } = value === null ? {} : objectOf(value, "reject");
  if (type === undefined) return { kind: "reject" };
  if (type === "tcp reset") return { kind: "reject", with: { type } };
  const code = stringOf(expr, "reject expr");
  if (type === DEFAULT_REJECT_TYPES[family] && code === DEFAULT_REJECT_CODE) return { kind: "reject" };
  const answer: RejectWith = { type: oneOf(type, REJECT_TYPES, "reject type"), code };
  return { kind: "reject", with: answer };
}
