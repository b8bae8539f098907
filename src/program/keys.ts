/** nft's keys of packets, connections and routes: what the engine calls them, and the types of their values. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import type { CtKey, Expression, MetaKey } from "../ruleset/types.ts";
import { BOOLEAN, LONG, valueTypeOf } from "./data-types.ts";
import type { Instruction } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import {
  ADDRESS4,
  ADDRESS6,
  CT_STATE,
  CT_STATUS,
  DIRECTION,
  FAMILY,
  INTERFACE,
  NUMBER,
  PACKET_TYPE,
  PROTOCOL,
  ROUTE_TYPE,
  SHORT,
  type ValueType,
} from "./values.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;

/** The instruction that loads a value, but for its register, and the value's type. */
export interface Source {
  readonly type: ValueType;
  readonly load: Instruction;
}

/** Where two keys have the same value, the one that a person would use stands last. */
export const META_SOURCES: Readonly<Partial<Record<MetaKey, Source>>> = {
  mark: meta(Keys.META_MARK, NUMBER),
  l4proto: meta(Keys.META_PROTOCOL, PROTOCOL),
  nfproto: meta(Keys.META_FAMILY, FAMILY),
  protocol: meta(Keys.META_ETHER_TYPE, valueTypeOf("ether_type")),
  length: meta(Keys.META_LENGTH, NUMBER),
  iif: meta(Keys.META_IN, INTERFACE),
  oif: meta(Keys.META_OUT, INTERFACE),
  iifname: meta(Keys.META_IN, INTERFACE),
  oifname: meta(Keys.META_OUT, INTERFACE),
  iiftype: meta(Keys.META_IN_TYPE, valueTypeOf("iface_type")),
  oiftype: meta(Keys.META_OUT_TYPE, valueTypeOf("iface_type")),
  pkttype: meta(Keys.META_PACKET_TYPE, PACKET_TYPE),
  random: meta(Keys.META_RANDOM, NUMBER),
  time: { ...meta(Keys.META_TIME, valueTypeOf("time")) },
  day: meta(Keys.META_DAY, valueTypeOf("day")),
  hour: meta(Keys.META_HOUR, valueTypeOf("hour")),
  skuid: meta(Keys.META_SOCKET, valueTypeOf("uid")),
  skgid: meta(Keys.META_SOCKET, valueTypeOf("gid")),
  cgroup: meta(Keys.META_SOCKET, NUMBER),
  ipsec: { type: BOOLEAN, load: { operation: Instructions.OP_LOAD_VALUE, length: 4, x: 0 } },
};

export const CT_SOURCES: Readonly<Partial<Record<CtKey, Source>>> = {
  state: connection(Keys.CT_KEY_STATE, CT_STATE),
  status: connection(Keys.CT_KEY_STATUS, CT_STATUS),
  mark: connection(Keys.CT_KEY_MARK, NUMBER),
  direction: connection(Keys.CT_KEY_DIRECTION, DIRECTION),
  zone: connection(Keys.CT_KEY_ZONE, NUMBER),
  expiration: connection(Keys.CT_KEY_EXPIRATION, valueTypeOf("timespan")),
  l3proto: connection(Keys.CT_KEY_FAMILY, FAMILY),
  protocol: connection(Keys.CT_KEY_PROTOCOL, PROTOCOL),
};

export const CT_TUPLES: Readonly<Partial<Record<CtKey, { readonly field: number; readonly type: ValueType }>>> = {
  "ip saddr": { field: Keys.CT_TUPLE_SRC, type: ADDRESS4 },
  "ip daddr": { field: Keys.CT_TUPLE_DST, type: ADDRESS4 },
  "ip6 saddr": { field: Keys.CT_TUPLE_SRC, type: ADDRESS6 },
  "ip6 daddr": { field: Keys.CT_TUPLE_DST, type: ADDRESS6 },
  "proto-src": { field: Keys.CT_TUPLE_SRC_PORT, type: SHORT },
  "proto-dst": { field: Keys.CT_TUPLE_DST_PORT, type: SHORT },
};

export const CT_COUNTS: Readonly<Partial<Record<CtKey, number>>> = {
  packets: Keys.CT_COUNT_PACKETS,
  bytes: Keys.CT_COUNT_BYTES,
  avgpkt: Keys.CT_COUNT_AVERAGE,
};

export const DIRECTIONS = { original: 0, reply: 1 } as const;

const FIB_BITS: Readonly<Record<Kind<"fib">["flags"][number], number>> = {
  saddr: Keys.FIB_SOURCE,
  daddr: Keys.FIB_DESTINATION,
  iif: Keys.FIB_IN,
  oif: Keys.FIB_OUT,
  mark: 0,
};

export function metaSource({ key }: Kind<"meta">): Source {
  return META_SOURCES[key] ?? refuse(`meta ${key}`);
}

export function ctSource({ key, direction }: Kind<"ct">): Source {
  const tuple = CT_TUPLES[key];
  if (tuple !== undefined) {
    if (direction === undefined) throw new Uncompilable(`"ct ${key}" does not say of which direction`);
    const { field, type } = tuple;
    const load = { operation: Instructions.OP_LOAD_CT_TUPLE, length: type.bytes, x: field, y: DIRECTIONS[direction] };
    return { type, load };
  }
  const count = CT_COUNTS[key];
  if (count !== undefined) {
    const y = direction === undefined ? Keys.CT_BOTH_DIRECTIONS : DIRECTIONS[direction];
    return { type: LONG, load: { operation: Instructions.OP_LOAD_CT_COUNT, length: LONG.bytes, x: count, y } };
  }
  return CT_SOURCES[key] ?? refuse(`ct ${key}`);
}

export function fibSource({ flags, result }: Kind<"fib">): Source {
  const options = flags.reduce((bits, flag) => bits | FIB_BITS[flag], 0);
  const isType = result === "type";
  const x = isType ? Keys.FIB_TYPE : Keys.FIB_INTERFACE;
  return {
    type: isType ? ROUTE_TYPE : INTERFACE,
    load: { operation: Instructions.OP_LOAD_FIB, length: 4, options, x },
  };
}

export function routeSource({ key, family }: Kind<"rt">): Source {
  if (key === "mtu") {
    return { type: NUMBER, load: { operation: Instructions.OP_LOAD_ROUTE, length: 4, x: Keys.ROUTE_KEY_MTU } };
  }
  if (key !== "nexthop") return refuse(`rt ${key}`);
  const type = family === "ip6" ? ADDRESS6 : ADDRESS4;
  return {
    type,
    load: { operation: Instructions.OP_LOAD_ROUTE, length: type.bytes, x: Keys.ROUTE_KEY_NEXT_HOP },
  };
}

function meta(x: number, type: ValueType): Source {
  return { type, load: { operation: Instructions.OP_LOAD_META, length: 4, x } };
}

function connection(x: number, type: ValueType): Source {
  return { type, load: { operation: Instructions.OP_LOAD_CT, length: 4, x } };
}

function refuse(what: string): never {
  throw new Uncompilable(`"${what}" is not supported`);
}
