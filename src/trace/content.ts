/** What iptables asks of the whole packet and of the calendar, in words. */

import * as Layout from "../../assembly/layout/instructions.ts";
import type { Done } from "./actions.ts";
import type { RuleStep } from "./types.ts";

const MONTH_DAYS = 31;

export function searchStep({ context, instruction, holds }: Done): RuleStep {
  const { length, options, y } = instruction;
  const isInverted = (options & Layout.SEARCH_INVERT) !== 0;
  const bytes = Array.from({ length }, (_, index) => context.image.getUint8(y + index));
  const value = holds === isInverted ? "searched in vain" : "found";
  return {
    left: "bytes of the packet",
    value,
    operator: isInverted ? "are not" : "are",
    right: bytesText(bytes),
    holds,
  };
}

export function wordsStep({ instruction: { options }, holds }: Done): RuleStep {
  const isInverted = options !== 0;
  const value = holds === isInverted ? "not as asked" : "as asked";
  return { left: "words of the packet", value, operator: isInverted ? "are not" : "are", right: "as asked", holds };
}

export function monthDayStep({ instruction: { x, y }, holds }: Done): RuleStep {
  const days = Array.from({ length: MONTH_DAYS }, (_, index) => index + 1).filter((day) => (x >>> day) & 1);
  const left = y === 0 ? "the day of the month" : "yesterday's day of the month";
  return { left, value: holds ? "listed" : "not listed", operator: "one of", right: days.join(","), holds };
}

/** Text as it stands, anything else as iptables writes it. */
function bytesText(bytes: readonly number[]): string {
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return String.fromCharCode(...bytes);
  return `|${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}|`;
}
