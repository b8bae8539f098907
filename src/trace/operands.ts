/** What a register holds in the words of rules: where its value was loaded from, and of which type it is. */

import * as Layout from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import { LONG } from "../program/data-types.ts";
import { CT_COUNTS, CT_SOURCES, CT_TUPLES, DIRECTIONS, META_SOURCES, type Source } from "../program/keys.ts";
import {
  ADDRESS4,
  ADDRESS6,
  CT_STATE_AND_NAT,
  INTERFACE,
  NUMBER,
  ROUTE_TYPE,
  SHORT,
  type ValueType,
} from "../program/values.ts";
import { expressionText } from "../ruleset/nft-text-expression.ts";
import type { CtKey, MetaKey } from "../ruleset/types.ts";
import { headerOperand, optionOperand } from "./fields.ts";
import type { InstructionFields, Operand, Viewed } from "./instruction.ts";
import { MARK } from "./values.ts";

type Reader = (instruction: InstructionFields, viewed: Viewed) => Operand;

const META: Readonly<Record<number, Operand>> = {
  ...operandsOf(META_SOURCES, Layout.OP_LOAD_META, (key) => expressionText({ kind: "meta", key: key as MetaKey })),
  [Keys.META_MARK]: { name: "meta mark", type: MARK },
  [Keys.META_SOCKET]: { name: "a socket", type: NUMBER },
};

const CT: Readonly<Record<number, Operand>> = {
  ...operandsOf(CT_SOURCES, Layout.OP_LOAD_CT, (key) => expressionText({ kind: "ct", key: key as CtKey })),
  [Keys.CT_KEY_STATE_AND_NAT]: { name: "ct state", type: CT_STATE_AND_NAT },
  [Keys.CT_KEY_MARK]: { name: "ct mark", type: MARK },
};

const FIB_WORDS: readonly (readonly [bit: number, word: string])[] = [
  [Keys.FIB_SOURCE, "saddr"],
  [Keys.FIB_DESTINATION, "daddr"],
  [Keys.FIB_IN, "iif"],
  [Keys.FIB_OUT, "oif"],
];

/** Instructions that load a value into their register. */
export const LOADS: Readonly<Record<number, Reader>> = {
  [Layout.OP_LOAD_LINK]: ({ x, length }, viewed) => headerOperand("ll", { offset: x, bytes: length }, viewed),
  [Layout.OP_LOAD_NETWORK]: ({ x, length }, viewed) => headerOperand("nh", { offset: x, bytes: length }, viewed),
  [Layout.OP_LOAD_TRANSPORT]: ({ x, length }, viewed) => headerOperand("th", { offset: x, bytes: length }, viewed),
  [Layout.OP_LOAD_EXTENSION]: (load) => optionOperand(load, { offset: load.x, bytes: load.length }),
  [Layout.OP_LOAD_OPTION]: (load) => optionOperand(load, { offset: load.x, bytes: load.length }),
  [Layout.OP_LOAD_IP_OPTION]: (load) => optionOperand(load, { offset: load.x, bytes: load.length }),
  [Layout.OP_LOAD_META]: ({ x }) => META[x] ?? { name: `meta ${x}`, type: NUMBER },
  [Layout.OP_LOAD_CT]: ({ x }) => CT[x] ?? { name: `ct ${x}`, type: NUMBER },
  [Layout.OP_LOAD_CT_TUPLE]: tupleOperand,
  [Layout.OP_LOAD_CT_COUNT]: countOperand,
  [Layout.OP_LOAD_FIB]: ({ options, x }) => fibOperand(options, x),
  [Layout.OP_LOAD_ROUTE]: routeOperand,
  [Layout.OP_LOAD_NUMBER]: ({ options, x, y }) => {
    const mode = options === Layout.NUMBER_RANDOM ? "random" : "inc";
    return { name: `numgen ${mode} mod ${x}${y === 0 ? "" : ` offset ${y}`}`, type: NUMBER };
  },
  [Layout.OP_LOAD_VALUE]: () => ({ name: "a constant", type: MARK }),
  [Layout.OP_LOAD_BYTES]: ({ length }) => ({ name: "a constant", type: { bytes: length, order: "network" } }),
};

/** The field whose bits FIELD takes of what `load` has loaded; undefined: it was loaded from no packet. */
export function bitsOperand(
  load: InstructionFields,
  bits: Pick<InstructionFields, "x" | "y">,
  viewed: Viewed,
): Operand | undefined {
  const place = { offset: load.x, bytes: load.length, bits };
  switch (load.operation) {
    case Layout.OP_LOAD_LINK:
      return headerOperand("ll", place, viewed);
    case Layout.OP_LOAD_NETWORK:
      return headerOperand("nh", place, viewed);
    case Layout.OP_LOAD_TRANSPORT:
      return headerOperand("th", place, viewed);
    case Layout.OP_LOAD_EXTENSION:
    case Layout.OP_LOAD_OPTION:
    case Layout.OP_LOAD_IP_OPTION:
      return optionOperand(load, place);
    default:
      return undefined;
  }
}

/** What LOAD_META or LOAD_CT calls a key, by its number. */
function operandsOf(
  sources: Readonly<Record<string, Source>>,
  operation: number,
  nameOf: (key: string) => string,
): Readonly<Record<number, Operand>> {
  const loads = Object.entries(sources).filter(([, { load }]) => load.operation === operation);
  return Object.fromEntries(loads.map(([key, { load, type }]) => [load.x ?? 0, { name: nameOf(key), type }]));
}

function tupleOperand({ x, y, length }: InstructionFields): Operand {
  const found = Object.entries(CT_TUPLES).find(([, { field, type }]) => field === x && type.bytes === length);
  const [key, { type }] = found ?? ["tuple", { type: SHORT }];
  return { name: `ct ${directionWord(y)}${key}`, type };
}

function countOperand({ x, y }: InstructionFields): Operand {
  const [key = "count"] = Object.entries(CT_COUNTS).find(([, count]) => count === x) ?? [];
  return { name: `ct ${directionWord(y)}${key}`, type: LONG };
}

function directionWord(direction: number): string {
  const [word] = Object.entries(DIRECTIONS).find(([, number]) => number === direction) ?? [];
  return word === undefined ? "" : `${word} `;
}

function routeOperand({ x, length }: InstructionFields): Operand {
  if (x === Keys.ROUTE_KEY_MTU) return { name: "rt mtu", type: NUMBER };
  const type: ValueType = length === ADDRESS4.bytes ? ADDRESS4 : ADDRESS6;
  return { name: `rt ${type === ADDRESS4 ? "ip" : "ip6"} nexthop`, type };
}

function fibOperand(options: number, x: number): Operand {
  const words = FIB_WORDS.filter(([bit]) => (options & bit) !== 0).map(([, word]) => word);
  return x === Keys.FIB_TYPE
    ? { name: `fib ${words.join(" . ")} type`, type: ROUTE_TYPE }
    : { name: `fib ${words.join(" . ")} oifname`, type: INTERFACE };
}
