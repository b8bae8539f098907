/** Constants of libnftables-json(5), and the elements of sets and maps. */

import { familyOf } from "../network/address.ts";
import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  stringOf,
  tagged,
  UnsupportedError,
} from "./json.ts";
import { readStateful } from "./nft-json-stateful.ts";
import { PROTOCOL_NUMBERS } from "./protocols.ts";
import type { DataType, Element, Literal, Statement, Verdict } from "./types.ts";

const PLAIN_VERDICTS = ["accept", "drop", "return", "continue"] as const;
const CHAIN_VERDICTS = ["jump", "goto"] as const;

/** `values`: absent for sets, else the type of a map's values. */
export function readElement(
  json: Json,
  keys: readonly DataType[],
  values: readonly DataType[] | "verdict" | undefined,
): Element {
  const [keyJson, valueJson] = values === undefined ? [json] : listOf(json, "element of a map");
  const value = values === undefined ? {} : { value: readValue(valueJson, values) };
  if (!isObject(keyJson) || !isObject(keyJson.elem)) return { key: readLiterals(keyJson, keys), ...value };
  const { val, comment, timeout, expires, ...others } = keyJson.elem;
  const statements = Object.entries(others).map(([kind, body]) => readElementStatement(kind, body ?? null));
  return {
    key: readLiterals(val, keys),
    ...value,
    ...(comment === undefined ? {} : { comment: stringOf(comment, "comment") }),
    ...(timeout === undefined ? {} : { timeoutSeconds: numberOf(timeout, "timeout") }),
    ...(expires === undefined ? {} : { expiresSeconds: numberOf(expires, "expires") }),
    ...(statements.length === 0 ? {} : { statements }),
  };
}

/** The verdict, or undefined if it is something else. */
export function readVerdict(json: Json | undefined): Verdict | undefined {
  const [kind, value] = tagged(json, "verdict");
  const plain = PLAIN_VERDICTS.find((name) => name === kind);
  if (plain !== undefined) return { kind: plain };
  const toChain = CHAIN_VERDICTS.find((name) => name === kind);
  if (toChain === undefined) return undefined;
  return { kind: toChain, chain: stringOf(objectOf(value, kind).target, `target of ${kind}`) };
}

export function readLiterals(json: Json | undefined, types: readonly DataType[]): Literal[] {
  if (!isObject(json) || json.concat === undefined) return [readLiteral(json, types[0] ?? "integer")];
  return listOf(json.concat, "concat").map((part, index) => readLiteral(part, types[index] ?? "integer"));
}

export function readLiteral(json: Json | undefined, type: DataType): Literal {
  if (typeof json === "number")
    return type === "inet_proto" ? { kind: "protocol", protocol: json } : { kind: "number", value: json };
  if (typeof json === "string") return readWord(json, type);
  if (typeof json === "boolean") return { kind: "name", name: json ? "exists" : "missing" };
  if (isList(json)) return readFlags(json);
  const [kind, value] = tagged(json, "constant");
  if (kind === "|") return readFlags(listOf(value, "flags"));
  if (kind === "prefix") return readPrefix(objectOf(value, "prefix"));
  if (kind !== "range") throw new UnsupportedError(`constant "${kind}"`);
  const [from, to] = listOf(value, "range");
  return { kind, from: readLiteral(from, type), to: readLiteral(to, type) };
}

/** Whether it is a constant, and not something that has to be evaluated. */
export function isConstant(json: Json | undefined): boolean {
  if (!isObject(json)) return true;
  if ("prefix" in json || "range" in json) return true;
  return "|" in json && isList(json["|"]) && json["|"].every((part) => typeof part === "string");
}

function readValue(json: Json | undefined, values: readonly DataType[] | "verdict"): readonly Literal[] | Verdict {
  const verdict = isObject(json) && !isConstant(json) ? readVerdict(json) : undefined;
  return verdict ?? readLiterals(json, values === "verdict" ? [] : values);
}

function readElementStatement(kind: string, value: Json): Statement {
  return readStateful(kind, value) ?? { kind: "foreign", what: `"${kind}" of an element`, json: { [kind]: value } };
}

function readFlags(names: readonly Json[]): Literal {
  return { kind: "name", name: names.map((name) => stringOf(name, "flag")).join(",") };
}

function readPrefix({ addr, len }: JsonObject): Literal {
  const length = numberOf(len, "prefix len");
  if (typeof addr === "number") return { kind: "number prefix", value: addr, length };
  return { kind: "prefix", address: stringOf(addr, "prefix addr"), length };
}

function readWord(word: string, type: DataType): Literal {
  if (word === "*") return { kind: "name", name: word };
  switch (type) {
    case "ipv4_addr":
    case "ipv6_addr":
      if (familyOf(word) !== (type === "ipv4_addr" ? "IPv4" : "IPv6")) throw new UnsupportedError(`address "${word}"`);
      return { kind: "address", address: word };
    case "inet_proto": {
      const protocol = PROTOCOL_NUMBERS[word];
      if (protocol === undefined) throw new UnsupportedError(`protocol "${word}"`);
      return { kind: "protocol", protocol };
    }
    case "inet_service":
    case "mark":
      throw new UnsupportedError(`"${word}" where a number was expected`);
    default:
      return { kind: "name", name: word };
  }
}
