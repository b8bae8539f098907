/** What rules do besides comparing: translations, rejections, draws, lists, limits, and what they write. */

import * as Layout from "../../assembly/layout/instructions.ts";
import { ADDRESS4, ADDRESS6, SHORT } from "../program/values.ts";
import { monthDayStep, searchStep, wordsStep } from "./content.ts";
import type { TraceContext } from "./context.ts";
import type { InstructionFields, Viewed } from "./instruction.ts";
import { connectionsStep, limitStep, quotaStep } from "./limits.ts";
import { endpointStep, serviceStep } from "./services.ts";
import { clearedOption, connectionStep, markStep, storedBits, storedBytes, storedOption } from "./stores.ts";
import type { RuleStep } from "./types.ts";
import { valueText } from "./values.ts";

/** An instruction that was carried out. */
export interface Done {
  readonly context: TraceContext;
  readonly viewed: Viewed;
  readonly instruction: InstructionFields;
  readonly holds: boolean;
  /** As it left them. */
  readonly registers: Uint8Array;
}

const CERTAIN = 2 ** 31;
const PROBABILITY_DIGITS = 4;
const RECENT_WORDS: Readonly<Record<number, string>> = {
  [Layout.RECENT_SET]: "set",
  [Layout.RECENT_CHECK]: "rcheck",
  [Layout.RECENT_UPDATE]: "update",
  [Layout.RECENT_REMOVE]: "remove",
};
const ICMP_UNREACHABLE4 = 3;

export const ACTIONS: Readonly<Record<number, (done: Done) => RuleStep>> = {
  [Layout.OP_SNAT]: (done) => natStep(done, "snat to"),
  [Layout.OP_DNAT]: (done) => natStep(done, "dnat to"),
  [Layout.OP_MASQUERADE]: (done) => natStep(done, "masquerade to"),
  [Layout.OP_REDIRECT]: (done) => natStep(done, "redirect to"),
  [Layout.OP_REJECT]: ({ instruction: { x }, viewed }) => ({ left: "reject with", value: rejectText(x, viewed) }),
  [Layout.OP_NOTRACK]: () => ({ left: "notrack", value: "conntrack does not see the packet" }),
  [Layout.OP_STATISTIC]: ({ instruction: { x }, holds }) => {
    const right = (x / CERTAIN).toFixed(PROBABILITY_DIGITS);
    return { left: "a random number", value: "drawn", operator: "below", right, holds };
  },
  [Layout.OP_RECENT]: ({ instruction: { options }, holds }) => {
    const left = `recent ${RECENT_WORDS[options & Layout.RECENT_OPERATION_MASK] ?? ""}`;
    const isInverted = (options & Layout.RECENT_INVERT) !== 0;
    const value = holds === isInverted ? "not listed" : "listed";
    return { left, value, operator: isInverted ? "is not" : "is", right: "listed", holds };
  },
  [Layout.OP_SEARCH]: searchStep,
  [Layout.OP_WORDS]: wordsStep,
  [Layout.OP_MONTH_DAY]: monthDayStep,
  [Layout.OP_LIMIT]: limitStep,
  [Layout.OP_QUOTA]: quotaStep,
  [Layout.OP_CONNECTIONS]: connectionsStep,
  [Layout.OP_STORE_META]: markStep,
  [Layout.OP_STORE_CT]: connectionStep,
  [Layout.OP_STORE_BYTES]: storedBytes,
  [Layout.OP_STORE_BITS]: storedBits,
  [Layout.OP_STORE_OPTION]: storedOption,
  [Layout.OP_CLEAR_OPTION]: clearedOption,
  [Layout.OP_SERVICE]: serviceStep,
  [Layout.OP_ENDPOINT]: endpointStep,
};

/** X names the registers of the lowest and highest address and port, a byte each. */
function natStep({ context, viewed, instruction, registers }: Done, left: string): RuleStep {
  const { interfaces } = context;
  const { operation, options, x } = instruction;
  const { family } = viewed;
  const type = family === 4 ? ADDRESS4 : ADDRESS6;
  const address = (at: number) => valueText(registers.subarray(at), type, interfaces);
  const port = (at: number) => valueText(registers.subarray(at), SHORT, interfaces);
  const range = (low: string, high: string) => (low === high ? low : `${low}-${high}`);
  const host = (options & Layout.NAT_ADDRESS) === 0 ? "" : range(address(x & 0xff), address((x >> 8) & 0xff));
  const ports = (options & Layout.NAT_PORT) === 0 ? "" : range(port((x >> 16) & 0xff), port(x >>> 24));
  const bracketed = host.includes(":") && ports !== "" ? `[${host}]` : host;
  const flags = [
    ...((options & Layout.NAT_RANDOM) === 0 ? [] : ["random"]),
    ...((options & Layout.NAT_FULLY_RANDOM) === 0 ? [] : ["fully-random"]),
    ...((options & Layout.NAT_PERSISTENT) === 0 ? [] : ["persistent"]),
  ];
  const isInterfaces = operation === Layout.OP_MASQUERADE || operation === Layout.OP_REDIRECT;
  const target = isInterfaces ? "the interface's address" : bracketed;
  const words = [ports === "" ? target : `${target}:${ports}`, ...flags];
  return { left, value: words.join(" ") };
}

function rejectText(specification: number, { family }: Viewed): string {
  if (specification === Layout.REJECT_TCP_RESET) return "tcp reset";
  const type = specification & 0xff;
  const name = family === 4 ? "icmp" : "icmpv6";
  const what =
    (family === 4 && type === ICMP_UNREACHABLE4) || (family === 6 && type === 1) ? "unreachable" : `type ${type}`;
  return `${name} ${what} code ${specification >>> 8}`;
}
