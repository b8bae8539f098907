/** Targets that change marks, and those that keep conntrack from packets: MARK, CONNMARK, NOTRACK, CT. */

import { type Extension, maskedOf, numberOf, type Option, type Options, unsupported } from "./iptables-options.ts";
import { LineError } from "./iptables-words-of.ts";
import type { Expression, Statement } from "./types.ts";

const ZONE_MAX = 0xffff;
const ALL_BITS = 0xffff_ffff;
const MARK: Expression = { kind: "meta", key: "mark" };
const CONNECTION_MARK: Expression = { kind: "ct", key: "mark" };

/** The mask's bits are cleared, then the value's flipped. */
interface MarkChange {
  readonly flipped: number;
  readonly cleared: number;
}

export const MARK_TARGETS: Readonly<Record<string, Extension>> = {
  MARK: {
    options: { "set-xmark": 1, "set-mark": 1, "and-mark": 1, "or-mark": 1, "xor-mark": 1 },
    lower: (options) => [{ kind: "mangle", target: "meta mark", value: changed(MARK, changeOf(options)) }],
  },
  CONNMARK: {
    options: {
      "set-xmark": 1,
      "set-mark": 1,
      "and-mark": 1,
      "or-mark": 1,
      "xor-mark": 1,
      "save-mark": 0,
      "restore-mark": 0,
      mask: 1,
      nfmask: 1,
      ctmask: 1,
    },
    lower: connectionMark,
  },
  NOTRACK: { options: {}, lower: () => [{ kind: "notrack" }] },
  CT: {
    options: { notrack: 0, zone: 1, "zone-orig": 1, "zone-reply": 1, helper: 1, timeout: 1, ctevents: 1, expevents: 1 },
    lower: (options) => {
      const zones = options.all.flatMap((option) => zoneOf(option));
      return options.has("notrack") ? [{ kind: "notrack" }] : zones;
    },
  },
};

/** The zone in which the connection is looked for, for both directions or for one. Helpers and timeouts are not run. */
function zoneOf({ name, word, values }: Option): readonly Statement[] {
  if (name === "helper") throw unsupported(word, `the helper "${values[0]!.text}"`);
  if (name === "timeout") throw unsupported(word);
  if (!name.startsWith("zone")) return [];
  if (values[0]!.text === "mark") throw unsupported(word, "a zone from the mark");
  const value = numberOf(values[0]!, ZONE_MAX);
  const target: Expression = {
    kind: "ct",
    key: "zone",
    ...(name === "zone-orig" ? { direction: "original" } : name === "zone-reply" ? { direction: "reply" } : {}),
  };
  return [{ kind: "assign", target, value: { kind: "literal", parts: [{ kind: "number", value }] } }];
}

function changeOf(options: Options): MarkChange {
  const [option] = options.all;
  if (option === undefined) throw new LineError(options.named.column, `"${options.named.text}" wants an option`);
  const [word] = option.values;
  switch (option.name) {
    case "set-xmark": {
      const [flipped, cleared] = maskedOf(word!);
      return { flipped, cleared };
    }
    case "set-mark": {
      const [value, mask] = maskedOf(word!);
      return { flipped: value, cleared: (mask | value) >>> 0 };
    }
    case "and-mark":
      return { flipped: 0, cleared: ~numberOf(word!) >>> 0 };
    case "or-mark": {
      const bits = numberOf(word!);
      return { flipped: bits, cleared: bits };
    }
    default:
      return { flipped: numberOf(word!), cleared: 0 };
  }
}

/** In the fewest operations, as the printer takes them apart again. */
function changed(mark: Expression, { flipped, cleared }: MarkChange): Expression {
  if (cleared === ALL_BITS) return { kind: "literal", parts: [{ kind: "number", value: flipped }] };
  if (flipped === cleared) return { kind: "bitwise", operator: "|", left: mark, right: flipped };
  if (cleared === 0) return { kind: "bitwise", operator: "^", left: mark, right: flipped };
  const left: Expression = { kind: "bitwise", operator: "&", left: mark, right: ~cleared >>> 0 };
  return flipped === 0 ? left : { kind: "bitwise", operator: "^", left, right: flipped };
}

/** connmark_tg(): --save-mark and --restore-mark copy the bits of one mask over those of another. */
function connectionMark(options: Options): readonly Statement[] {
  const isSave = options.has("save-mark");
  if (!isSave && !options.has("restore-mark")) {
    return [{ kind: "mangle", target: "ct mark", value: changed(CONNECTION_MARK, changeOf(options)) }];
  }
  const both = options.number("mask", ALL_BITS, ALL_BITS);
  const packetMask = options.number("nfmask", ALL_BITS, both);
  const connectionMask = options.number("ctmask", ALL_BITS, both);
  const [from, to, taken, cleared] = isSave
    ? [MARK, CONNECTION_MARK, packetMask, connectionMask]
    : [CONNECTION_MARK, MARK, connectionMask, packetMask];
  const bits = masked(from, taken);
  const value: Expression =
    cleared === ALL_BITS ? bits : { kind: "combined", operator: "^", left: masked(to, ~cleared >>> 0), right: bits };
  return [{ kind: "mangle", target: isSave ? "ct mark" : "meta mark", value }];
}

function masked(mark: Expression, mask: number): Expression {
  return mask === ALL_BITS ? mark : { kind: "bitwise", operator: "&", left: mark, right: mask };
}
