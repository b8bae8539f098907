/** Constants, elements and verdicts in the words of `nft list ruleset`. */

import { protocolName } from "./protocols.ts";
import type { DataType, Element, Literal, Verdict } from "./types.ts";

const MARK_HEX_DIGITS = 8;
const DSCP_HEX_DIGITS = 2;
/** What may be asked instead of a value: whether there is one. */
const PRESENCE = ["exists", "missing"];
/** Names of these types stand in quotation marks. */
const QUOTED: readonly DataType[] = ["ifname", "iface_index", "devgroup", "string", "time", "day", "hour"];

export function literalsText(literals: readonly Literal[], types: readonly DataType[]): string {
  return literals.map((literal, index) => literalText(literal, types[index] ?? "integer")).join(" . ");
}

export function literalText(literal: Literal, type: DataType): string {
  switch (literal.kind) {
    case "address":
      return literal.address;
    case "number":
      return numberText(literal.value, type);
    case "protocol":
      return protocolName(literal.protocol);
    case "name": {
      const isPlain = PRESENCE.includes(literal.name) || literal.name === "*";
      return QUOTED.includes(type) && !isPlain ? `"${literal.name}"` : literal.name;
    }
    case "prefix":
      return `${literal.address}/${literal.length}`;
    case "number prefix":
      return `${numberText(literal.value, type)}/${literal.length}`;
    case "range":
      return `${literalText(literal.from, type)}-${literalText(literal.to, type)}`;
  }
}

function numberText(value: number, type: DataType): string {
  switch (type) {
    case "mark":
      return `0x${value.toString(16).padStart(MARK_HEX_DIGITS, "0")}`;
    case "dscp":
      return `0x${value.toString(16).padStart(DSCP_HEX_DIGITS, "0")}`;
    case "tcp_flag":
      return `0x${value.toString(16)}`;
    case "timespan":
      return durationText(value);
    default:
      return String(value);
  }
}

export function verdictText(verdict: Verdict): string {
  return verdict.kind === "jump" || verdict.kind === "goto" ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

export function commentText(comment: string): string {
  return `comment "${comment}"`;
}

export function durationText(seconds: number): string {
  let rest = seconds;
  let text = "";
  for (const [unit, unitSeconds] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / unitSeconds);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitSeconds;
  }
  return text === "" ? "0s" : text;
}

export function isVerdict(value: NonNullable<Element["value"]>): value is Verdict {
  return !Array.isArray(value);
}
