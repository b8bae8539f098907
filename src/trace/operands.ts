/** What a register holds in the words of rules: where its value was loaded from, and of which type it is. */

import * as Layout from "../../assembly/layout/instructions.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import { HEADERS } from "../program/fields.ts";
import {
  CT_STATE,
  CT_STATE_AND_NAT,
  CT_STATUS,
  DIRECTION,
  FAMILY,
  INTERFACE,
  NUMBER,
  PACKET_TYPE,
  PROTOCOL,
  ROUTE_TYPE,
  type ValueType,
  WORD,
} from "../program/values.ts";
import type { PayloadProtocol } from "../ruleset/types.ts";
import { MARK } from "./values.ts";

export interface Operand {
  readonly name: string;
  readonly type: ValueType;
}

/** An instruction's fields (layout/program.ts). */
export interface InstructionFields {
  readonly operation: number;
  readonly register: number;
  readonly length: number;
  readonly options: number;
  readonly x: number;
  readonly y: number;
}

/** The packet that instructions look at, as far as that decides what fields are called. */
export interface Viewed {
  readonly family: 4 | 6;
  readonly protocol: number;
}

const META: Readonly<Record<number, Operand>> = {
  [Layout.META_MARK]: { name: "meta mark", type: MARK },
  [Layout.META_PROTOCOL]: { name: "meta l4proto", type: PROTOCOL },
  [Layout.META_FAMILY]: { name: "meta nfproto", type: FAMILY },
  [Layout.META_LENGTH]: { name: "meta length", type: NUMBER },
  [Layout.META_IN]: { name: "iifname", type: INTERFACE },
  [Layout.META_OUT]: { name: "oifname", type: INTERFACE },
  [Layout.META_PACKET_TYPE]: { name: "meta pkttype", type: PACKET_TYPE },
};

const CT: Readonly<Record<number, Operand>> = {
  [Layout.CT_KEY_STATE]: { name: "ct state", type: CT_STATE },
  [Layout.CT_KEY_STATE_AND_NAT]: { name: "ct state", type: CT_STATE_AND_NAT },
  [Layout.CT_KEY_STATUS]: { name: "ct status", type: CT_STATUS },
  [Layout.CT_KEY_MARK]: { name: "ct mark", type: MARK },
  [Layout.CT_KEY_DIRECTION]: { name: "ct direction", type: DIRECTION },
};

const FIB_WORDS: readonly (readonly [bit: number, word: string])[] = [
  [Layout.FIB_SOURCE, "saddr"],
  [Layout.FIB_DESTINATION, "daddr"],
  [Layout.FIB_IN, "iif"],
  [Layout.FIB_OUT, "oif"],
];

const TRANSPORTS: Readonly<Record<number, PayloadProtocol>> = {
  [Protocol.TCP]: "tcp",
  [Protocol.UDP]: "udp",
  [Protocol.SCTP]: "sctp",
  [Protocol.ICMP]: "icmp",
  [Protocol.ICMP6]: "icmpv6",
};

/** What a load puts into its register; undefined: it is none, or one of a constant. */
export function loadedOperand(instruction: InstructionFields, viewed: Viewed): Operand | undefined {
  const { operation, options, x } = instruction;
  switch (operation) {
    case Layout.OP_LOAD_NETWORK:
      return fieldOperand(instruction, viewed.family === 4 ? "ip" : "ip6");
    case Layout.OP_LOAD_TRANSPORT:
      return fieldOperand(instruction, TRANSPORTS[viewed.protocol] ?? "th");
    case Layout.OP_LOAD_META:
      return META[x];
    case Layout.OP_LOAD_CT:
      return CT[x];
    case Layout.OP_LOAD_FIB:
      return fibOperand(options, x);
    case Layout.OP_LOAD_NUMBER: {
      const mode = options === Layout.NUMBER_RANDOM ? "random" : "inc";
      return { name: `numgen ${mode} mod ${x}`, type: NUMBER };
    }
    default:
      return undefined;
  }
}

function fieldOperand({ x, length }: InstructionFields, protocol: PayloadProtocol): Operand {
  const fields = Object.entries(HEADERS[protocol]?.fields ?? {});
  const found = fields.find(
    ([, { offset, type, bits }]) => offset === x && bits === undefined && type.bytes === length,
  );
  if (found !== undefined) return { name: `${protocol} ${found[0]}`, type: found[1].type };
  return { name: `${protocol} header at ${x}`, type: { ...WORD, bytes: length } };
}

function fibOperand(options: number, x: number): Operand {
  const words = FIB_WORDS.filter(([bit]) => (options & bit) !== 0).map(([, word]) => word);
  return x === Layout.FIB_TYPE
    ? { name: `fib ${words.join(" . ")} type`, type: ROUTE_TYPE }
    : { name: `fib ${words.join(" . ")} oifname`, type: INTERFACE };
}
