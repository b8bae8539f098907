/** Expressions and constants of libnftables-json(5), as far as the ruleset has them. */

import { familyOf } from "../network/address.ts";
import { dataTypes } from "./data-type.ts";
import {
  isList,
  isObject,
  type Json,
  listOf,
  numberOf,
  objectOf,
  oneOf,
  stringOf,
  tagged,
  UnsupportedError,
} from "./json.ts";
import { PROTOCOL_NUMBERS } from "./protocols.ts";
import type { DataType, Element, Expression, Literal, SetReference, Verdict } from "./types.ts";

const PAYLOAD_PROTOCOLS = ["ip", "ip6", "th", "tcp", "udp", "sctp", "icmp", "icmpv6"] as const;
const META_KEYS = ["mark", "l4proto", "nfproto", "length", "iif", "oif", "iifname", "oifname", "pkttype"] as const;
const CT_KEYS = ["state", "status", "mark", "direction"] as const;
const CT_DIRECTIONS = ["original", "reply"] as const;
const FIB_FLAGS = ["saddr", "daddr", "mark", "iif", "oif"] as const;
const FIB_RESULTS = ["type", "oif", "oifname"] as const;
const NUMGEN_MODES = ["random", "inc"] as const;
const BITWISE = ["&", "|", "^"] as const;
const PLAIN_VERDICTS = ["accept", "drop", "return", "continue"] as const;
const CHAIN_VERDICTS = ["jump", "goto"] as const;

/** `types`: those of the value with which a constant is compared or which it becomes. */
export function readExpression(json: Json | undefined, types: readonly DataType[]): Expression {
  if (!isObject(json) || "prefix" in json || "range" in json)
    return { kind: "literal", parts: readLiterals(json, types) };
  const [kind, value] = tagged(json, "expression");
  switch (kind) {
    case "concat":
      return readConcat(value, json, types);
    case "map": {
      const { key, data } = objectOf(value, "map");
      const keyExpression = readExpression(key, types);
      return { kind: "map", key: keyExpression, map: readSetReference(data, dataTypes(keyExpression), types) };
    }
    case "&":
    case "|":
    case "^": {
      const [left, right] = listOf(value, kind);
      return {
        kind: "bitwise",
        operator: oneOf(kind, BITWISE, "operator"),
        left: readExpression(left, types),
        right: numberOf(right, `right side of ${kind}`),
      };
    }
    default:
      return readSource(kind, value);
  }
}

/** A concatenation of constants is one constant. */
function readConcat(value: Json, json: Json, types: readonly DataType[]): Expression {
  const parts = listOf(value, "concat");
  if (!parts.some((part) => isObject(part) && !("prefix" in part) && !("range" in part))) {
    return { kind: "literal", parts: readLiterals(json, types) };
  }
  return { kind: "concat", parts: parts.map((part) => readExpression(part, types)) };
}

/** What a packet, its connection or chance gives. */
function readSource(kind: string, value: Json): Expression {
  const fields = objectOf(value, kind);
  switch (kind) {
    case "payload":
      if (fields.base !== undefined) throw new UnsupportedError("raw payload expression");
      return {
        kind,
        protocol: oneOf(fields.protocol, PAYLOAD_PROTOCOLS, "payload protocol"),
        field: stringOf(fields.field, "payload field"),
      };
    case "meta":
      return { kind, key: oneOf(fields.key, META_KEYS, "meta key") };
    case "ct": {
      const key = oneOf(fields.key, CT_KEYS, "ct key");
      return fields.dir === undefined
        ? { kind, key }
        : { kind, key, direction: oneOf(fields.dir, CT_DIRECTIONS, "ct dir") };
    }
    case "fib": {
      const flags = isList(fields.flags) ? fields.flags : [fields.flags];
      return {
        kind,
        flags: flags.map((flag) => oneOf(flag, FIB_FLAGS, "fib flag")),
        result: oneOf(fields.result, FIB_RESULTS, "fib result"),
      };
    }
    case "numgen":
      return {
        kind,
        mode: oneOf(fields.mode, NUMGEN_MODES, "numgen mode"),
        modulus: numberOf(fields.mod, "numgen mod"),
        offset: numberOf(fields.offset ?? 0, "numgen offset"),
      };
    default:
      throw new UnsupportedError(`expression "${kind}"`);
  }
}

/** "@name" or an anonymous set, in a rule. */
export function readSetReference(
  json: Json | undefined,
  keys: readonly DataType[],
  values: readonly DataType[] | "verdict" | undefined,
): SetReference {
  if (typeof json === "string" && json.startsWith("@")) return { kind: "named", name: json.slice(1) };
  const elements = listOf(objectOf(json, "set").set, "elements of an anonymous set");
  return { kind: "anonymous", elements: elements.map((element) => readElement(element, keys, values)) };
}

/** `values`: absent for sets, else the type of a map's values. */
export function readElement(
  json: Json,
  keys: readonly DataType[],
  values: readonly DataType[] | "verdict" | undefined,
): Element {
  const [keyJson, valueJson] = values === undefined ? [json] : listOf(json, "element of a map");
  const wrapped = isObject(keyJson) && isObject(keyJson.elem) ? keyJson.elem : undefined;
  const comment = wrapped?.comment;
  return {
    key: readLiterals(wrapped === undefined ? keyJson : wrapped.val, keys),
    ...(values === undefined ? {} : { value: readValue(valueJson, values) }),
    ...(comment === undefined ? {} : { comment: stringOf(comment, "comment") }),
  };
}

function readValue(json: Json | undefined, values: readonly DataType[] | "verdict"): readonly Literal[] | Verdict {
  const verdict = isObject(json) ? readVerdict(json) : undefined;
  return verdict ?? readLiterals(json, values === "verdict" ? [] : values);
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
  if (isList(json)) return { kind: "name", name: json.map((name) => stringOf(name, "flag")).join(",") };
  const [kind, value] = tagged(json, "constant");
  if (kind === "prefix") {
    const { addr, len } = objectOf(value, "prefix");
    return { kind, address: stringOf(addr, "prefix addr"), length: numberOf(len, "prefix len") };
  }
  if (kind !== "range") throw new UnsupportedError(`constant "${kind}"`);
  const [from, to] = listOf(value, "range");
  return { kind, from: readLiteral(from, type), to: readLiteral(to, type) };
}

function readWord(word: string, type: DataType): Literal {
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
