/** Statements of libnftables-json(5) that keep a state: of rules, of elements, and as objects with names. */

import { isObject, type Json, type JsonObject, numberOf, objectOf, oneOf } from "./json.ts";
import type { ByteUnit, Limit, Quota, Statement } from "./types.ts";

const BYTE_UNITS: readonly ByteUnit[] = ["bytes", "kbytes", "mbytes"];
const PERIODS = ["second", "minute", "hour", "day", "week"] as const;

/** The statement; undefined if it is of another kind, or a reference to a named object. */
export function readStateful(kind: string, value: Json): Statement | undefined {
  if (kind === "counter" && value === null) return { kind };
  if (!isObject(value) || "map" in value) return undefined;
  switch (kind) {
    case "counter":
      return { kind, packets: numberOf(value.packets, "packets"), bytes: numberOf(value.bytes, "bytes") };
    case "quota":
      return readQuota(value);
    case "limit":
      return readLimit(value);
    case "ct count":
      return { kind: "connlimit", count: numberOf(value.val, "ct count"), over: value.inv === true };
    default:
      return undefined;
  }
}

/** A quota of a rule has units, a named one has not. */
function readQuota({ val, val_unit, bytes, used, used_unit, inv }: JsonObject): Quota {
  return {
    kind: "quota",
    value: numberOf(val ?? bytes, "quota"),
    unit: unitOf(val_unit),
    ...(used === undefined ? {} : { used: numberOf(used, "used"), usedUnit: unitOf(used_unit) }),
    over: inv === true,
  };
}

function readLimit({ rate, per, rate_unit, burst, burst_unit, inv }: JsonObject): Limit {
  return {
    kind: "limit",
    rate: numberOf(rate, "rate"),
    ...(rate_unit === undefined || rate_unit === "packets" ? {} : { unit: unitOf(rate_unit) }),
    per: oneOf(per ?? "second", PERIODS, "limit per"),
    ...(burst === undefined ? {} : { burst: numberOf(burst, "burst") }),
    ...(burst_unit === undefined || burst_unit === "packets" ? {} : { burstUnit: unitOf(burst_unit) }),
    over: inv === true,
  };
}

function unitOf(json: Json | undefined): ByteUnit {
  return oneOf(json ?? "bytes", BYTE_UNITS, "unit");
}

/** The statement in nft's form; `isTemplate`: of a set, whose counters start from nothing. */
export function statefulJson(statement: Statement, isTemplate = false): Json | undefined {
  switch (statement.kind) {
    case "counter":
      if (isTemplate && statement.packets === undefined) return { counter: null };
      return { counter: { packets: statement.packets ?? 0, bytes: statement.bytes ?? 0 } };
    case "quota":
      return { quota: quotaJson(statement) };
    case "limit":
      return { limit: limitJson(statement) };
    case "connlimit":
      return { "ct count": { val: statement.count, ...inverted(statement.over) } };
    default:
      return undefined;
  }
}

/** The fields of a named object. */
export function objectFields(statement: Statement): JsonObject {
  if (statement.kind === "quota") {
    return { bytes: statement.value, used: statement.used ?? 0, inv: statement.over };
  }
  const [fields] = Object.values(objectOf(statefulJson(statement), "object"));
  return objectOf(fields, "object");
}

function quotaJson({ value, unit, used, usedUnit = "bytes", over }: Quota): Json {
  return {
    val: value,
    val_unit: unit,
    ...(used === undefined ? {} : { used, used_unit: usedUnit }),
    ...inverted(over),
  };
}

function limitJson({ rate, unit, per, burst, burstUnit, over }: Limit): Json {
  return {
    rate,
    ...(burst === undefined ? {} : { burst }),
    per,
    ...inverted(over),
    ...(unit === undefined ? {} : { rate_unit: unit }),
    ...(burstUnit === undefined ? {} : { burst_unit: burstUnit }),
  };
}

function inverted(over: boolean): { readonly inv?: boolean } {
  return over ? { inv: true } : {};
}
