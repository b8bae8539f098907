/** Limits, quotas and counts of connections in nft's words, from the form that stands in the program for them (program/stateful.ts). */

import * as Layout from "../../assembly/layout/instructions.ts";
import { UNIT_SECONDS } from "../program/stateful.ts";
import { statefulText } from "../ruleset/nft-text-stateful.ts";
import type { Limit, Statement } from "../ruleset/types.ts";
import type { Done } from "./actions.ts";
import type { RuleStep } from "./types.ts";

const NANOSECONDS = 1_000_000_000n;

export function limitStep({ context: { image }, instruction: { y, options }, holds }: Done): RuleStep {
  const period = image.getBigUint64(y + Layout.LIMIT_PERIOD, true);
  const rate = image.getBigUint64(y + Layout.LIMIT_RATE, true);
  const full = image.getBigUint64(y + Layout.LIMIT_FULL, true);
  const isBytes = (options & Layout.LIMIT_BYTES) !== 0;
  const burst = isBytes ? (full * rate) / period - rate : full / (period / rate);
  const seconds = Number(period / NANOSECONDS);
  const [per = "second"] = Object.entries(UNIT_SECONDS).find(([, length]) => length === seconds) ?? [];
  const unit = isBytes ? { unit: "bytes" as const } : {};
  const limit = {
    kind: "limit",
    rate: Number(rate),
    per: per as Limit["per"],
    burst: Number(burst),
    over: false,
  } as const;
  return withinStep({ ...limit, ...unit }, options, holds);
}

export function quotaStep({ context: { image }, instruction: { y, options }, holds }: Done): RuleStep {
  const value = Number(image.getBigUint64(y, true));
  return withinStep({ kind: "quota", value, unit: "bytes", over: false }, options, holds);
}

export function connectionsStep({ context: { image }, instruction: { y, options }, holds }: Done): RuleStep {
  const count = Number(image.getBigUint64(y, true));
  return withinStep({ kind: "connlimit", count, over: false }, options, holds);
}

/** `over` asks for the packets that are beyond it. */
function withinStep(statement: Statement, options: number, holds: boolean): RuleStep {
  const wanted = (options & Layout.STATE_OVER) === 0 ? "within" : "beyond";
  const other = wanted === "within" ? "beyond" : "within";
  return {
    left: statefulText(statement) ?? "",
    value: holds ? wanted : other,
    operator: "is",
    right: wanted,
    holds,
  };
}
