/** Statements in libnftables-json(5). */

import { isBitSet } from "./data-type.ts";
import type { Json, JsonObject } from "./json.ts";
import {
  elementStatementJson,
  expressionJson,
  literalJson,
  referenceJson,
  verdictJson,
} from "./nft-json-print-expression.ts";
import { statefulJson } from "./nft-json-stateful.ts";
import { DEFAULT_REJECT_TYPES } from "./nft-json-statement.ts";
import { endpointText, serviceText } from "./service-text.ts";
import type { Nat, ObjectReference, Statement, TableFamily } from "./types.ts";
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
  | "service"
  | "endpoint"
  | "search"
  | "u32"
  | "month days"
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
    case "service":
      return { sluice: serviceText(statement) };
    case "endpoint":
      return { sluice: endpointText(statement) };
    case "alternatives":
    case "search":
    case "u32":
    case "month days":
      throw new Error(`nft has no words for ${statement.kind}`);
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
