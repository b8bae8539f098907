/** What tables hold besides rules, in libnftables-json(5): chains, sets and maps, objects with names, flowtables. */

import { dataTypes } from "./data-type.ts";
import {
  isList,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  oneOf,
  stringOf,
  tagged,
  UnsupportedError,
} from "./json.ts";
import { readExpression } from "./nft-json-expression.ts";
import { readElement } from "./nft-json-literal.ts";
import { readStateful } from "./nft-json-stateful.ts";
import { readElementStatement } from "./nft-json-statement.ts";
import { DATA_TYPES, OBJECT_KINDS } from "./nft-words.ts";
import type { BaseChain, Chain, DataType, NamedObject, NamedSet, ObjectKind, Table } from "./types.ts";

const CHAIN_TYPES = ["filter", "nat", "route"] as const;
const HOOKS = ["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"] as const;
const POLICIES = ["accept", "drop"] as const;
const SET_FLAGS = ["constant", "interval", "timeout", "dynamic"] as const;
const SET_POLICIES = ["performance", "memory"] as const;
const TABLE_FLAGS = ["dormant", "owner", "persist"] as const;

export function readTableFlags({ flags }: JsonObject): Pick<Table, "flags"> {
  return flags === undefined ? {} : { flags: listed(flags).map((flag) => oneOf(flag, TABLE_FLAGS, "table flag")) };
}

export function readChain(json: JsonObject): Omit<Chain, "rules"> {
  const comment = commentOf(json);
  return {
    name: stringOf(json.name, "name"),
    ...(comment === undefined ? {} : { comment }),
    ...(json.hook === undefined ? {} : { base: readBase(json) }),
  };
}

function readBase({ type, hook, prio, policy, dev }: JsonObject): BaseChain {
  const devices = dev === undefined ? undefined : listed(dev).map((name) => stringOf(name, "dev"));
  return {
    type: oneOf(type, CHAIN_TYPES, "chain type"),
    hook: oneOf(hook, HOOKS, "hook"),
    priority: numberOf(prio, "prio"),
    policy: oneOf(policy ?? "accept", POLICIES, "policy"),
    ...(devices === undefined ? {} : { devices }),
  };
}

export function readSet(json: JsonObject, kind: "set" | "map"): NamedSet {
  const { key, keyOf } = readKeyTypes(json.type);
  const object = OBJECT_KINDS.find((name) => name === json.map);
  const value = kind === "set" ? undefined : readValueTypes(json.map, object);
  const flags = json.flags === undefined ? [] : listed(json.flags);
  const elements = listOf(json.elem ?? [], "elem");
  return {
    name: stringOf(json.name, "name"),
    ...described(json),
    key,
    ...(keyOf === undefined ? {} : { keyOf }),
    ...(value === undefined ? {} : { value }),
    ...(object === undefined ? {} : { object }),
    flags: flags.map((flag) => oneOf(flag, SET_FLAGS, "set flag")),
    ...readSetOptions(json),
    elements: elements.map((element) => readElement(element, key, value)),
  };
}

function readSetOptions(json: JsonObject): Partial<NamedSet> {
  const { timeout, size, policy, stmt, "gc-interval": gcInterval, "auto-merge": autoMerge } = json;
  return {
    ...(timeout === undefined ? {} : { timeoutSeconds: numberOf(timeout, "timeout") }),
    ...(gcInterval === undefined ? {} : { gcIntervalSeconds: numberOf(gcInterval, "gc-interval") }),
    ...(size === undefined ? {} : { size: numberOf(size, "size") }),
    ...(policy === undefined ? {} : { policy: oneOf(policy, SET_POLICIES, "set policy") }),
    ...(autoMerge === true ? { autoMerge } : {}),
    ...(stmt === undefined ? {} : { statements: listOf(stmt, "stmt").map(readElementStatement) }),
  };
}

/** A list of types, one type, a concatenation of them as text; later versions of nft may say whose type it is. */
function readKeyTypes(json: Json | undefined): Pick<NamedSet, "key" | "keyOf"> {
  if (typeof json !== "object" || json === null || isList(json)) return { key: readTypes(json) };
  const [kind, value] = tagged(json, "type");
  if (kind !== "typeof") throw new UnsupportedError(`type "${kind}"`);
  const keyOf = readExpression(value, []);
  return { key: dataTypes(keyOf), keyOf };
}

function readValueTypes(json: Json | undefined, object: ObjectKind | undefined): DataType[] | "verdict" {
  if (object !== undefined) return ["string"];
  return json === "verdict" ? json : [...readKeyTypes(json).key];
}

function readTypes(json: Json | undefined): DataType[] {
  const types = isList(json) ? json : stringOf(json, "type").split(" . ");
  return types.map((type) => oneOf(type, DATA_TYPES, "type"));
}

export function readNamedObject(object: ObjectKind, json: JsonObject): NamedObject {
  const { family: _family, table: _table, handle: _handle, name, comment: _comment, ...fields } = json;
  const statement = readStateful(object, fields);
  return {
    object,
    name: stringOf(name, "name"),
    ...described(json),
    ...(statement === undefined ? { json: fields } : { statement }),
  };
}

function described(json: JsonObject): { readonly comment?: string } {
  const comment = commentOf(json);
  return comment === undefined ? {} : { comment };
}

export function commentOf({ comment }: JsonObject): string | undefined {
  return comment === undefined ? undefined : stringOf(comment, "comment");
}

function listed(json: Json): readonly Json[] {
  return isList(json) ? json : [json];
}
