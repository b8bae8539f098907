/** nft's types of values: how registers and keys hold them, and what words stand for numbers in them. */

import type { DataType } from "../ruleset/types.ts";
import {
  DCCP_TYPES,
  DSCP_NAMES,
  ECN_NAMES,
  ETHER_TYPES,
  ICMP_CODES,
  ICMP_TYPES,
  ICMP6_CODES,
  ICMP6_TYPES,
  IGMP_TYPES,
  INTERFACE_TYPES,
  MOBILITY_TYPES,
  WEEKDAYS,
} from "./names.ts";
import { Uncompilable } from "./types.ts";
import {
  ADDRESS4,
  ADDRESS6,
  BYTE,
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
  TCP_FLAGS,
  type ValueType,
} from "./values.ts";

const MILLISECONDS = 1000;
const NANOSECONDS = 1_000_000_000n;

/** Eight bytes: dates in nanoseconds since 1970, and what has been counted. */
export const LONG: ValueType = { bytes: 8, order: "network" };
export const BOOLEAN: ValueType = { bytes: 1, order: "network", names: { missing: 0, exists: 1 } };
const ETHER_ADDRESS: ValueType = { bytes: 6, order: "network" };

/** Dates and times of day are told in the time zone of whoever listed the rules; here that is UTC. */
const TIME: ValueType = { ...LONG, parse: nanosecondsOf, scale: 1 };
const HOUR: ValueType = { ...NUMBER, parse: secondsOfDay };

const DATA_TYPES: Readonly<Partial<Record<DataType, ValueType>>> = {
  ipv4_addr: ADDRESS4,
  ipv6_addr: ADDRESS6,
  inet_proto: PROTOCOL,
  inet_service: SHORT,
  mark: NUMBER,
  ifname: INTERFACE,
  iface_index: INTERFACE,
  iface_type: { ...NUMBER, names: INTERFACE_TYPES },
  devgroup: { ...NUMBER, names: { default: 0 } },
  integer: NUMBER,
  ct_state: CT_STATE,
  ct_status: CT_STATUS,
  ct_dir: DIRECTION,
  fib_addrtype: ROUTE_TYPE,
  boolean: BOOLEAN,
  tcp_flag: TCP_FLAGS,
  ether_addr: ETHER_ADDRESS,
  ether_type: { ...SHORT, names: ETHER_TYPES },
  icmp_type: { ...BYTE, names: ICMP_TYPES },
  icmp_code: { ...BYTE, names: ICMP_CODES },
  icmpv6_type: { ...BYTE, names: ICMP6_TYPES },
  icmpv6_code: { ...BYTE, names: ICMP6_CODES },
  igmp_type: { ...BYTE, names: IGMP_TYPES },
  dccp_pkttype: { ...BYTE, names: DCCP_TYPES },
  mh_type: { ...BYTE, names: MOBILITY_TYPES },
  dscp: { ...BYTE, names: DSCP_NAMES },
  ecn: { ...BYTE, names: ECN_NAMES },
  nf_proto: FAMILY,
  pkt_type: PACKET_TYPE,
  uid: NUMBER,
  gid: NUMBER,
  time: TIME,
  day: { ...BYTE, names: WEEKDAYS },
  hour: HOUR,
  timespan: { ...NUMBER, scale: MILLISECONDS },
};

export function valueTypeOf(type: DataType): ValueType {
  const found = DATA_TYPES[type];
  if (found === undefined) throw new Uncompilable(`the type "${type}" is not supported`);
  return found;
}

/** "2020-01-01 10:00:00" */
function nanosecondsOf(word: string): bigint | undefined {
  const milliseconds = Date.parse(`${word.replace(" ", "T")}Z`);
  return Number.isNaN(milliseconds) ? undefined : (BigInt(milliseconds) * NANOSECONDS) / BigInt(MILLISECONDS);
}

/** "08:00" or "08:00:00" */
function secondsOfDay(word: string): number | undefined {
  const [, hours, minutes, seconds = "0"] = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(word) ?? [];
  if (hours === undefined) return undefined;
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
}
