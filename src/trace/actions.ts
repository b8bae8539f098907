/** What rules do besides comparing: translations, rejections, marks, draws and lists. */

import * as Layout from "../../assembly/layout/instructions.ts";
import { ADDRESS4, ADDRESS6, SHORT } from "../program/values.ts";
import type { TraceContext } from "./context.ts";
import type { InstructionFields, Viewed } from "./operands.ts";
import type { RuleStep } from "./types.ts";
import { hexText, valueText } from "./values.ts";

const CERTAIN = 2 ** 31;
const PROBABILITY_DIGITS = 4;
const RECENT_WORDS: Readonly<Record<number, string>> = {
  [Layout.RECENT_SET]: "set",
  [Layout.RECENT_CHECK]: "rcheck",
  [Layout.RECENT_UPDATE]: "update",
  [Layout.RECENT_REMOVE]: "remove",
};
const NAT_WORDS: Readonly<Record<number, string>> = {
  [Layout.OP_SNAT]: "snat to",
  [Layout.OP_DNAT]: "dnat to",
  [Layout.OP_MASQUERADE]: "masquerade to",
  [Layout.OP_REDIRECT]: "redirect to",
};
const ICMP_UNREACHABLE4 = 3;

/** An instruction that is no comparison. */
export function doneStep(
  context: TraceContext,
  viewed: Viewed,
  instruction: InstructionFields,
  outcome: number,
  registers: Uint8Array,
): RuleStep {
  const { operation, options, x } = instruction;
  const holds = outcome !== 0;
  if (operation in NAT_WORDS) return natStep(context, viewed, instruction, registers);
  switch (operation) {
    case Layout.OP_STATISTIC: {
      const right = (x / CERTAIN).toFixed(PROBABILITY_DIGITS);
      return { left: "a random number", value: "drawn", operator: "below", right, holds };
    }
    case Layout.OP_RECENT: {
      const left = `recent ${RECENT_WORDS[options & Layout.RECENT_OPERATION_MASK] ?? ""}`;
      return {
        left,
        value: holds ? "listed" : "not listed",
        operator: "is",
        right: "listed",
        holds,
      };
    }
    case Layout.OP_STORE_META:
    case Layout.OP_STORE_CT: {
      const view = new DataView(registers.buffer, registers.byteOffset);
      const left = operation === Layout.OP_STORE_META ? "meta mark set" : "ct mark set";
      return { left, value: hexText(view.getUint32(instruction.register, true)) };
    }
    case Layout.OP_REJECT:
      return { left: "reject with", value: rejectText(x, viewed) };
    case Layout.OP_NOTRACK:
      return { left: "notrack", value: "" };
    default:
      return { left: `instruction ${operation}`, value: "carried out", operator: "and", right: "holds", holds };
  }
}

/** X names the registers of the lowest and highest address and port, a byte each. */
function natStep(
  { interfaces }: TraceContext,
  { family }: Viewed,
  { operation, options, x }: InstructionFields,
  registers: Uint8Array,
): RuleStep {
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
  return { left: NAT_WORDS[operation] ?? "nat", value: words.join(" ") };
}

function rejectText(specification: number, { family }: Viewed): string {
  if (specification === Layout.REJECT_TCP_RESET) return "tcp reset";
  const type = specification & 0xff;
  const name = family === 4 ? "icmp" : "icmpv6";
  const what =
    (family === 4 && type === ICMP_UNREACHABLE4) || (family === 6 && type === 1) ? "unreachable" : `type ${type}`;
  return `${name} ${what} code ${specification >>> 8}`;
}
