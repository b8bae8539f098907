/** Types of values as registers and keys hold them, and literals in that form: whole words, as the engine loads them. */

import * as Connection from "../../assembly/layout/connection.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import * as Layout from "../../assembly/layout/program.ts";
import * as State from "../../assembly/layout/state.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import { parseAddress, parseIp4 } from "../network/address.ts";
import { PROTOCOL_NUMBERS } from "../ruleset/protocols.ts";
import type { Literal } from "../ruleset/types.ts";
import { Uncompilable } from "./types.ts";

export interface ValueType {
  /** Bytes that count: 1, 2, 4, 8 or 16. A value takes whole words; what is left of the last is zero. */
  readonly bytes: number;
  /** Packets hold numbers in network order, the engine's own are in the machine's. */
  readonly order: "network" | "machine";
  readonly names?: Readonly<Record<string, number>>;
  /** Turns other words into numbers: times of day and dates. */
  readonly parse?: (word: string) => number | bigint | undefined;
  /** What a number is multiplied with: seconds that the engine counts in milliseconds. */
  readonly scale?: number;
  /** A match without an operator asks whether a bit is shared. */
  readonly bits?: true;
  readonly interface?: true;
}

export const ADDRESS4: ValueType = { bytes: 4, order: "network" };
export const ADDRESS6: ValueType = { bytes: 16, order: "network" };
export const BYTE: ValueType = { bytes: 1, order: "network" };
export const SHORT: ValueType = { bytes: 2, order: "network" };
export const WORD: ValueType = { bytes: 4, order: "network" };
export const NUMBER: ValueType = { bytes: 4, order: "machine" };
export const INTERFACE: ValueType = { bytes: 4, order: "machine", interface: true };
export const PROTOCOL: ValueType = { bytes: 1, order: "network", names: PROTOCOL_NUMBERS };
export const FAMILY: ValueType = { bytes: 1, order: "network", names: { ipv4: 2, ipv6: 10 } };
export const DIRECTION: ValueType = { bytes: 1, order: "network", names: { original: 0, reply: 1 } };
export const PACKET_TYPE: ValueType = {
  bytes: 1,
  order: "network",
  names: { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 },
};
export const TCP_FLAGS: ValueType = {
  bytes: 1,
  order: "network",
  bits: true,
  names: {
    fin: Wire.TCP_FIN,
    syn: Wire.TCP_SYN,
    rst: Wire.TCP_RST,
    psh: Wire.TCP_PSH,
    ack: Wire.TCP_ACK,
    urg: Wire.TCP_URG,
    ecn: Wire.TCP_ECE,
    cwr: Wire.TCP_CWR,
  },
};
export const CT_STATE: ValueType = {
  bytes: 4,
  order: "machine",
  bits: true,
  names: {
    new: 1 << State.CT_NEW,
    established: 1 << State.CT_ESTABLISHED,
    related: 1 << State.CT_RELATED,
    invalid: 1 << State.CT_INVALID,
    untracked: 1 << State.CT_UNTRACKED,
  },
};
/** iptables' states (xt_conntrack) know besides whether a connection is translated. */
export const CT_STATE_AND_NAT: ValueType = {
  ...CT_STATE,
  names: { ...CT_STATE.names, snat: Keys.STATE_SRC_NAT, dnat: Keys.STATE_DST_NAT },
};
export const CT_STATUS: ValueType = {
  bytes: 4,
  order: "machine",
  bits: true,
  names: {
    expected: Connection.STATUS_EXPECTED,
    "seen-reply": Connection.STATUS_SEEN_REPLY,
    assured: Connection.STATUS_ASSURED,
    confirmed: Connection.STATUS_CONFIRMED,
    snat: Connection.STATUS_SRC_NAT,
    dnat: Connection.STATUS_DST_NAT,
    dying: Connection.STATUS_DYING,
  },
};
export const ROUTE_TYPE: ValueType = {
  bytes: 4,
  order: "machine",
  names: {
    unicast: Layout.ROUTE_UNICAST,
    local: Layout.ROUTE_LOCAL,
    broadcast: Layout.ROUTE_BROADCAST,
    anycast: Layout.ROUTE_ANYCAST,
    multicast: Layout.ROUTE_MULTICAST,
    blackhole: Layout.ROUTE_BLACKHOLE,
    unreachable: Layout.ROUTE_UNREACHABLE,
    prohibit: Layout.ROUTE_PROHIBIT,
  },
};

const LONG_BYTES = 8;
const LINK_ADDRESS_BYTES = 6;
/** No interface has this number, so a name that no interface has matches none. */
const UNKNOWN_INTERFACE = 0xffffffff;

/** What interface names mean: the number of each (its index plus one). */
export interface InterfaceNumbers {
  readonly byName: ReadonlyMap<string, number>;
  readonly byKernelIndex: ReadonlyMap<number, number>;
}

/** The names among xt_conntrack's states that nft's do not have. */
export function isNatState(name: string): boolean {
  return name === "snat" || name === "dnat";
}

export function wordsOf(types: readonly ValueType[]): number {
  let words = 0;
  for (const type of types) words += (type.bytes + 3) >> 2;
  return words;
}

/** Writes the literal's words at `at`; returns where the next begin. */
export function encode(
  literal: Literal,
  type: ValueType,
  interfaces: InterfaceNumbers,
  words: Uint32Array,
  at: number,
): number {
  if (literal.kind === "name" && type.bytes === LINK_ADDRESS_BYTES) {
    encodeBytes(linkAddressOf(literal.name), words, at);
    return at + 2;
  }
  if (literal.kind !== "address" && type.bytes === LONG_BYTES) {
    encodeLong(longOf(literal, type), words, at);
    return at + LONG_BYTES / 4;
  }
  if (literal.kind !== "address") {
    words[at] = inOrder(numberOf(literal, type, interfaces), type);
    return at + 1;
  }
  if (type === ADDRESS4) {
    const number = parseIp4(literal.address);
    if (number === undefined) throw new Uncompilable(`${literal.address} is no IPv4 address`);
    words[at] = swap32(number);
    return at + 1;
  }
  const bytes = type === ADDRESS6 ? parseAddress(literal.address) : undefined;
  if (bytes?.length !== type.bytes) throw new Uncompilable(`the address ${literal.address} does not fit here`);
  encodeBytes(bytes, words, at);
  return at + 4;
}

/** Whole words from bytes in network order. */
export function encodeBytes(bytes: Uint8Array, words: Uint32Array, at: number): void {
  for (let i = 0; i < bytes.length; i += 4) {
    words[at + (i >> 2)] =
      (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
  }
}

/** A number as the register of the type holds it. */
export function inOrder(number: number, type: ValueType): number {
  if (type.order === "machine" || type.bytes === 1) return number >>> 0;
  return type.bytes === 2 ? swap32(number) >>> 16 : swap32(number);
}

export function swap32(number: number): number {
  return ((number << 24) | ((number & 0xff00) << 8) | ((number >>> 8) & 0xff00) | (number >>> 24)) >>> 0;
}

function numberOf(literal: Literal, type: ValueType, interfaces: InterfaceNumbers): number {
  if (type.bytes > 4) throw new Uncompilable("an address is wanted here");
  if (literal.kind === "number") {
    if (type.scale !== undefined) return literal.value * type.scale;
    if (type.interface) return interfaces.byKernelIndex.get(literal.value) ?? UNKNOWN_INTERFACE;
    if (literal.value > 0xffffffff >>> (32 - type.bytes * 8)) throw new Uncompilable(`${literal.value} is too large`);
    return literal.value;
  }
  if (literal.kind === "protocol") return literal.protocol;
  if (literal.kind !== "name") throw new Uncompilable(`a ${literal.kind} cannot stand here`);
  if (type.interface) return interfaces.byName.get(literal.name) ?? UNKNOWN_INTERFACE;
  const words = type.bits ? literal.name.split(",") : [literal.name];
  return words.reduce((bits, word) => bits | namedNumber(word, type), 0);
}

function linkAddressOf(text: string): Uint8Array {
  const parts = text.split(":");
  if (parts.length !== LINK_ADDRESS_BYTES || parts.some((part) => !/^[\da-f]{1,2}$/i.test(part)))
    throw new Uncompilable(`${text} is no link address`);
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

/** Numbers of eight bytes: dates in nanoseconds, and what has been counted. */
function longOf(literal: Literal, { parse, scale = 1 }: ValueType): bigint {
  if (literal.kind === "number") return BigInt(literal.value) * BigInt(scale);
  const parsed = literal.kind === "name" ? parse?.(literal.name) : undefined;
  if (parsed === undefined) throw new Uncompilable(`a ${literal.kind} cannot stand here`);
  return BigInt(parsed);
}

function encodeLong(number: bigint, words: Uint32Array, at: number): void {
  const bytes = new Uint8Array(LONG_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, number);
  encodeBytes(bytes, words, at);
}

function namedNumber(name: string, { names, parse }: ValueType): number {
  const parsed = parse?.(name);
  const number = names?.[name] ?? (parsed === undefined ? undefined : Number(parsed));
  if (number === undefined) throw new Uncompilable(`"${name}" is not known here`);
  return number;
}
