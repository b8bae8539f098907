/** Expressions of libnftables-json(5). What is not taken apart is kept as it is, and named. */

import { dataTypes } from "./data-type.ts";
import { flagOf } from "./flags.ts";
import {
  isList,
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
import { isConstant, readElement, readLiterals } from "./nft-json-literal.ts";
import { CT_KEYS, FOREIGN_TYPES, META_KEYS, PAYLOAD_PROTOCOLS } from "./nft-words.ts";
import type { DataType, Expression, HeaderOption, SetReference } from "./types.ts";

const CT_DIRECTIONS = ["original", "reply"] as const;
const FIB_FLAGS = ["saddr", "daddr", "mark", "iif", "oif"] as const;
const FIB_RESULTS = ["type", "oif", "oifname"] as const;
const NUMGEN_MODES = ["random", "inc"] as const;
const BITWISE = ["&", "|", "^", "<<", ">>"] as const;
const RAW_BASES = ["ll", "nh", "th", "ih"] as const;
const RT_KEYS = ["classid", "nexthop", "mtu", "ipsec"] as const;
const FAMILIES = ["ip", "ip6"] as const;

/** `types`: those of the value with which a constant is compared or which it becomes. */
export function readExpression(json: Json | undefined, types: readonly DataType[]): Expression {
  if (!isObject(json) || isConstant(json)) return { kind: "literal", parts: readLiterals(json, types) };
  const [kind, value] = tagged(json, "expression");
  const operator = BITWISE.find((name) => name === kind);
  if (operator !== undefined) return readBitwise(operator, listOf(value, kind), types);
  switch (kind) {
    case "concat":
      return readConcat(value, json, types);
    case "map": {
      const { key, data } = objectOf(value, "map");
      const keyExpression = readExpression(key, types);
      return { kind: "map", key: keyExpression, map: readSetReference(data, dataTypes(keyExpression), types) };
    }
    default:
      return readSource(kind, objectOf(value, kind));
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

/** A concatenation of constants is one constant. */
function readConcat(value: Json, json: Json, types: readonly DataType[]): Expression {
  const parts = listOf(value, "concat");
  if (parts.every(isConstant)) return { kind: "literal", parts: readLiterals(json, types) };
  return { kind: "concat", parts: parts.map((part) => readExpression(part, types)) };
}

/** Later versions of nft write chains of one operator as one list. */
function readBitwise(
  operator: (typeof BITWISE)[number],
  operands: readonly Json[],
  types: readonly DataType[],
): Expression {
  const [first, ...others] = operands;
  if (others.length === 0) throw new UnsupportedError(`"${operator}" of less than two values`);
  return others.reduce<Expression>(
    (left, right) => {
      const [type = "integer"] = dataTypes(left);
      if (typeof right === "string" && (type === "ipv4_addr" || type === "ipv6_addr")) {
        if (operator !== "&") throw new UnsupportedError(`"${operator}" with an address`);
        return { kind: "mask", left, mask: right };
      }
      return { kind: "bitwise", operator, left, right: readBits(right, type) };
    },
    readExpression(first, types),
  );
}

/** A number, or names of flags. */
function readBits(json: Json, type: DataType): number {
  if (typeof json === "number") return json;
  const names = isObject(json) ? listOf(json["|"], "bits") : isList(json) ? json : [json];
  return names.reduce<number>((bits, name) => {
    const flag = typeof name === "string" ? flagOf(name, type) : undefined;
    if (flag === undefined) throw new UnsupportedError(`the bit ${JSON.stringify(name)}`);
    return bits | flag;
  }, 0);
}

/** What a packet, its connection or chance gives. */
function readSource(kind: string, fields: JsonObject): Expression {
  switch (kind) {
    case "payload":
      return readPayload(fields);
    case "meta":
      return { kind, key: oneOf(fields.key, META_KEYS, "meta key") };
    case "ct":
      return readCt(fields);
    case "fib": {
      const flags = isList(fields.flags) ? fields.flags : [fields.flags];
      const result = oneOf(fields.result, FIB_RESULTS, "fib result");
      return { kind, flags: flags.map((flag) => oneOf(flag, FIB_FLAGS, "fib flag")), result };
    }
    case "exthdr":
      return { kind, name: stringOf(fields.name, "exthdr name"), ...fieldOf(fields), ...offsetOf(fields) };
    case "tcp option":
    case "ip option":
    case "sctp chunk":
    case "dccp option":
      return readOption(kind, fields);
    case "rt": {
      const key = oneOf(fields.key, RT_KEYS, "rt key");
      return fields.family === undefined
        ? { kind, key }
        : { kind, key, family: oneOf(fields.family, FAMILIES, "rt family") };
    }
    default:
      return readComputed(kind, fields);
  }
}

function readComputed(kind: string, fields: JsonObject): Expression {
  const modulus = () => numberOf(fields.mod, `${kind} mod`);
  const offset = () => numberOf(fields.offset ?? 0, `${kind} offset`);
  switch (kind) {
    case "numgen":
      return { kind, mode: oneOf(fields.mode, NUMGEN_MODES, "numgen mode"), modulus: modulus(), offset: offset() };
    case "symhash":
      return { kind: "hash", algorithm: kind, modulus: modulus(), offset: offset() };
    case "jhash": {
      const seed = fields.seed === undefined ? {} : { seed: numberOf(fields.seed, "jhash seed") };
      const key = readExpression(fields.expr, []);
      return { kind: "hash", algorithm: kind, key, modulus: modulus(), ...seed, offset: offset() };
    }
    default: {
      const type = FOREIGN_TYPES[kind]?.(fields);
      if (type === undefined) throw new UnsupportedError(`expression "${kind}"`);
      return { kind: "foreign", what: `expression "${kind}"`, type, json: { [kind]: fields } };
    }
  }
}

function readPayload(fields: JsonObject): Expression {
  if (fields.base === undefined) {
    const protocol = oneOf(fields.protocol, PAYLOAD_PROTOCOLS, "payload protocol");
    return { kind: "payload", protocol, field: stringOf(fields.field, "payload field") };
  }
  return {
    kind: "raw",
    base: oneOf(fields.base, RAW_BASES, "payload base"),
    offset: numberOf(fields.offset, "payload offset"),
    length: numberOf(fields.len, "payload len"),
  };
}

/** Where nft says the family beside the key ("saddr" with "family"), the key becomes the one that holds both. */
function readCt(fields: JsonObject): Expression {
  const word = fields.family === undefined ? fields.key : `${fields.family} ${fields.key}`;
  const key = oneOf(word, CT_KEYS, "ct key");
  if (fields.dir === undefined) return { kind: "ct", key };
  return { kind: "ct", key, direction: oneOf(fields.dir, CT_DIRECTIONS, "ct dir") };
}

function readOption(header: HeaderOption["header"], fields: JsonObject): HeaderOption {
  if (fields.base !== undefined) {
    return {
      kind: "option",
      header,
      name: numberOf(fields.base, `${header} base`),
      offset: numberOf(fields.offset ?? 0, `${header} offset`),
      length: numberOf(fields.len, `${header} len`),
    };
  }
  const name = typeof fields.name === "number" ? fields.name : stringOf(fields.name ?? fields.type, `${header} name`);
  return { kind: "option", header, name, ...fieldOf(fields) };
}

function fieldOf({ field }: JsonObject): { readonly field?: string } {
  return field === undefined ? {} : { field: stringOf(field, "field") };
}

function offsetOf({ offset }: JsonObject): { readonly offset?: number } {
  return offset === undefined ? {} : { offset: numberOf(offset, "offset") };
}
