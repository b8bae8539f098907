/** Statements that keep a state, in the words of `nft list ruleset`: in rules, in elements, in objects. */

import type { ByteUnit, Limit, Quota, Statement } from "./types.ts";

/** Bursts that nft does not print: those that it takes where none is said. */
const PACKETS_BURST = 5;
const KILO = 1024;

/** The statement; undefined if it is of another kind. `isTemplate`: of a set, whose counters start from nothing. */
export function statefulText(statement: Statement, isTemplate = false): string | undefined {
  switch (statement.kind) {
    case "counter":
      if (isTemplate && statement.packets === undefined) return "counter";
      return `counter packets ${statement.packets ?? 0} bytes ${statement.bytes ?? 0}`;
    case "quota":
      return `quota ${quotaText(statement)}`;
    case "limit":
      return `limit ${limitText(statement)}`;
    case "connlimit":
      return `ct count ${statement.over ? "over " : ""}${statement.count}`;
    default:
      return undefined;
  }
}

/** The body of a named object. */
export function objectText(statement: Statement): string | undefined {
  switch (statement.kind) {
    case "counter":
      return `packets ${statement.packets ?? 0} bytes ${statement.bytes ?? 0}`;
    case "quota":
      return quotaText(statement);
    case "limit":
      return limitText(statement);
    default:
      return undefined;
  }
}

function quotaText({ value, unit, used = 0, usedUnit = "bytes", over }: Quota): string {
  const words = [bytesText(value, unit)];
  if (over) words.unshift("over");
  if (used > 0) words.push("used", bytesText(used, usedUnit));
  return words.join(" ");
}

function limitText({ rate, unit, per, burst, burstUnit, over }: Limit): string {
  const rateText = unit === undefined ? `${rate}/${per}` : `${rate} ${unit}/${per}`;
  const words = ["rate", ...(over ? ["over"] : []), rateText];
  const isDefault = unit === undefined ? burst === PACKETS_BURST : burst === 0;
  if (burst !== undefined && !isDefault) words.push("burst", `${burst} ${burstUnit ?? unit ?? "packets"}`);
  return words.join(" ");
}

/** Bytes in the largest unit of which they are a whole number. */
function bytesText(value: number, unit: ByteUnit): string {
  if (unit !== "bytes" || value === 0 || value % KILO !== 0) return `${value} ${unit}`;
  const isMega = value % (KILO * KILO) === 0;
  return isMega ? `${value / KILO / KILO} mbytes` : `${value / KILO} kbytes`;
}
