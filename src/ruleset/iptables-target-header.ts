/** Targets that write to headers: TTL, HL, TOS, DSCP, TCPMSS. */

import { type Extension, maskedOf, numberOf, type Options, oneOf } from "./iptables-options.ts";
import { DSCP_CLASSES } from "./iptables-words.ts";
import { LineError } from "./iptables-words-of.ts";
import type { Expression, Statement } from "./types.ts";

const BYTE_MAX = 0xff;
const DSCP_MAX = 0x3f;
const MSS_MAX = 0xffff;
const MSS: Expression = { kind: "option", header: "tcp option", name: "maxseg", field: "size" };

export const HEADER_TARGETS: Readonly<Record<string, Extension>> = {
  TTL: {
    options: { "ttl-set": 1, "ttl-inc": 1, "ttl-dec": 1 },
    lower: (options) => hops(options, { kind: "payload", protocol: "ip", field: "ttl" }),
  },
  HL: {
    options: { "hl-set": 1, "hl-inc": 1, "hl-dec": 1 },
    lower: (options) => hops(options, { kind: "payload", protocol: "ip6", field: "hoplimit" }),
  },
  TOS: {
    options: { "set-tos": 1, "and-tos": 1, "or-tos": 1, "xor-tos": 1 },
    lower: (options, { family }) => serviceChange(options, { kind: "payload", protocol: family, field: "tos" }),
  },
  DSCP: {
    options: { "set-dscp": 1, "set-dscp-class": 1 },
    lower: (options, { family }) => {
      const word = options.value("set-dscp");
      const name = word ?? options.need("set-dscp-class").values[0]!;
      const value =
        word === undefined
          ? oneOf({ ...name, text: name.text.toUpperCase() }, DSCP_CLASSES, "class of DSCP")
          : numberOf(word, DSCP_MAX);
      return [assign({ kind: "payload", protocol: family, field: "dscp" }, number(value))];
    },
  },
  TCPMSS: {
    options: { "set-mss": 1, "clamp-mss-to-pmtu": 0 },
    lower: (options) => {
      if (options.has("clamp-mss-to-pmtu")) return [assign(MSS, { kind: "rt", key: "mtu" })];
      return [assign(MSS, number(numberOf(options.need("set-mss").values[0]!, MSS_MAX)))];
    },
  },
};

function hops(options: Options, target: Expression): readonly Statement[] {
  const [option] = options.all;
  if (option === undefined) throw new LineError(options.named.column, `"${options.named.text}" wants an option`);
  const value = numberOf(option.values[0]!, BYTE_MAX);
  if (option.name.endsWith("set")) return [assign(target, number(value))];
  const right = option.name.endsWith("inc") ? value : -value;
  return [assign(target, { kind: "sum", left: target, right, max: BYTE_MAX })];
}

/** The mask's bits are cleared, then the value's flipped (tos_tg). */
function serviceChange(options: Options, target: Expression): readonly Statement[] {
  const [option] = options.all;
  if (option === undefined) throw new LineError(options.named.column, `"${options.named.text}" wants an option`);
  const [value, mask] = maskedOf(option.values[0]!, BYTE_MAX);
  const changes = {
    "set-tos": [value, mask],
    "and-tos": [0, ~value & BYTE_MAX],
    "or-tos": [value, value],
    "xor-tos": [value, 0],
  } as const;
  const [flipped, cleared] = changes[option.name as keyof typeof changes];
  if (cleared === BYTE_MAX) return [assign(target, number(flipped))];
  const left: Expression = { kind: "bitwise", operator: "&", left: target, right: ~cleared & BYTE_MAX };
  return [assign(target, { kind: "bitwise", operator: "^", left, right: flipped })];
}

function assign(target: Expression, value: Expression): Statement {
  return { kind: "assign", target, value };
}

function number(value: number): Expression {
  return { kind: "literal", parts: [{ kind: "number", value }] };
}
