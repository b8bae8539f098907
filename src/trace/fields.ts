/** Fields of headers, extension headers and options by where they stand, in nft's words. */

import * as Layout from "../../assembly/layout/instructions.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import { BOOLEAN } from "../program/data-types.ts";
import { type Field, HEADERS } from "../program/fields.ts";
import { EXTENSIONS, IP_OPTIONS, type OptionFields, TCP_OPTIONS } from "../program/options.ts";
import { BYTE, SHORT, type ValueType, WORD } from "../program/values.ts";
import type { PayloadProtocol } from "../ruleset/types.ts";
import type { InstructionFields, Operand, Viewed } from "./instruction.ts";

/** Bytes of a packet, or some bits of the number that they hold. */
interface Place {
  readonly offset: number;
  readonly bytes: number;
  readonly bits?: Pick<InstructionFields, "x" | "y">;
}

type Base = "ll" | "nh" | "th";

interface Options {
  /** How nft begins the name of one of them. */
  readonly title: string;
  readonly known: Readonly<Record<string, OptionFields>>;
}

const TRANSPORTS: Readonly<Record<number, PayloadProtocol>> = {
  [Protocol.TCP]: "tcp",
  [Protocol.UDP]: "udp",
  [Protocol.UDPLITE]: "udplite",
  [Protocol.SCTP]: "sctp",
  [Protocol.ICMP]: "icmp",
  [Protocol.ICMP6]: "icmpv6",
  [Protocol.IGMP]: "igmp",
  [Protocol.AH]: "ah",
  [Protocol.ESP]: "esp",
};

const TCP: Options = { title: "tcp option ", known: TCP_OPTIONS };
const OPTIONS: Readonly<Record<number, Options>> = {
  [Layout.OP_LOAD_EXTENSION]: { title: "", known: EXTENSIONS },
  [Layout.OP_LOAD_OPTION]: TCP,
  [Layout.OP_STORE_OPTION]: TCP,
  [Layout.OP_CLEAR_OPTION]: TCP,
  [Layout.OP_LOAD_IP_OPTION]: { title: "ip option ", known: IP_OPTIONS },
};
const ASKS_PRESENCE = 1;

/** The field that LOAD_LINK, LOAD_NETWORK, LOAD_TRANSPORT or a store of bytes is about; `bits`: those that FIELD takes of it. */
export function headerOperand(base: Base, place: Place, viewed: Viewed): Operand {
  const protocol = protocolAt(base, viewed);
  const found = fieldAt(HEADERS[protocol]?.fields ?? {}, place);
  if (found !== undefined) return { name: `${protocol} ${found[0]}`, type: found[1].type };
  const { offset, bytes, bits } = place;
  const whole = `@${base},${offset * 8},${bytes * 8}`;
  if (bits === undefined) return { name: whole, type: typeOf(bytes) };
  return { name: bitsText(whole, bits), type: typeOf(bytes) };
}

/** The field of the option or extension header that an instruction is about. */
export function optionOperand({ operation, options, y }: InstructionFields, place: Place): Operand {
  const { title, known } = OPTIONS[operation] ?? TCP;
  const named = Object.entries(known).filter(([, { kind }]) => kind === y);
  const name = `${title}${named[0]?.[0] ?? y}`;
  if ((options & ASKS_PRESENCE) !== 0) return { name, type: BOOLEAN };
  for (const [option, { fields }] of named) {
    const found = fieldAt(fields, place);
    if (found !== undefined) return { name: `${title}${option} ${found[0]}`, type: found[1].type };
  }
  const whole = `${name} @${place.offset * 8},${place.bytes * 8}`;
  return { name: place.bits === undefined ? whole : bitsText(whole, place.bits), type: typeOf(place.bytes) };
}

/** An option without a field. */
export function optionName(instruction: InstructionFields): string {
  return optionOperand({ ...instruction, options: ASKS_PRESENCE }, { offset: 0, bytes: 1 }).name;
}

function protocolAt(base: Base, { family, protocol }: Viewed): PayloadProtocol {
  if (base === "ll") return "ether";
  if (base === "nh") return family === 4 ? "ip" : "ip6";
  return TRANSPORTS[protocol] ?? "th";
}

function fieldAt(fields: Readonly<Record<string, Field>>, { offset, bytes, bits }: Place) {
  return Object.entries(fields).find(([, field]) => {
    if (field.offset !== offset) return false;
    if (bits === undefined) return field.bits === undefined && field.type.bytes === bytes;
    return field.bits?.bytes === bytes && field.bits.shift === bits.x && field.bits.mask === bits.y;
  });
}

function bitsText(whole: string, { x: shift, y: mask }: Pick<InstructionFields, "x" | "y">): string {
  return `${shift === 0 ? whole : `(${whole} >> ${shift})`} & 0x${mask.toString(16)}`;
}

/** Of bytes that no field has. */
function typeOf(bytes: number): ValueType {
  if (bytes === 1) return BYTE;
  if (bytes === 2) return SHORT;
  return bytes === 4 ? WORD : { bytes, order: "network" };
}
