/** Fields of headers by nft's names: where they stand and what they hold. */

import * as Protocol from "../../assembly/layout/protocol.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import type { DataType, Expression } from "../ruleset/types.ts";
import { valueTypeOf } from "./data-types.ts";
import { ADDRESS4, ADDRESS6, BYTE, PROTOCOL, SHORT, TCP_FLAGS, type ValueType, WORD } from "./values.ts";

type PayloadProtocol = (Expression & { kind: "payload" })["protocol"];

export interface HeaderFields {
  readonly base: "link" | "network" | "transport";
  /** A packet must have it for the field to be there (meta l4proto). */
  readonly protocol?: number;
  readonly family?: "ip" | "ip6";
  readonly fields: Readonly<Record<string, Field>>;
}

/** A field of whole bytes, or bits of some bytes. */
export interface Field {
  readonly offset: number;
  readonly type: ValueType;
  readonly bits?: Bits;
  /** Of ICMP: the only type of message that has the field. nft asks for it without saying so. */
  readonly message?: number;
}

/** (number >> shift) & mask, of the number that so many bytes hold in network order. */
export interface Bits {
  readonly bytes: number;
  readonly shift: number;
  readonly mask: number;
}

export const PORTS: Readonly<Record<string, Field>> = {
  sport: { offset: Wire.SRC_PORT, type: SHORT },
  dport: { offset: Wire.DST_PORT, type: SHORT },
};

const IP4: Readonly<Record<string, Field>> = {
  version: bits(Wire.IP4_VERSION, 1, 4, 0xf),
  hdrlength: bits(Wire.IP4_VERSION, 1, 0, 0xf),
  /** dscp and ecn: iptables' name. */
  tos: { offset: Wire.IP4_TOS, type: BYTE },
  dscp: bits(Wire.IP4_TOS, 1, 2, 0x3f, "dscp"),
  ecn: bits(Wire.IP4_TOS, 1, 0, 3, "ecn"),
  length: { offset: Wire.IP4_TOTAL_LENGTH, type: SHORT },
  id: { offset: Wire.IP4_ID, type: SHORT },
  "frag-off": { offset: Wire.IP4_FRAGMENT, type: SHORT },
  ttl: { offset: Wire.IP4_TTL, type: BYTE },
  protocol: { offset: Wire.IP4_PROTOCOL, type: PROTOCOL },
  checksum: { offset: Wire.IP4_CHECKSUM, type: SHORT },
  saddr: { offset: Wire.IP4_SRC, type: ADDRESS4 },
  daddr: { offset: Wire.IP4_DST, type: ADDRESS4 },
};

const IP6: Readonly<Record<string, Field>> = {
  version: bits(Wire.IP6_VERSION, 1, 4, 0xf),
  tos: bits(Wire.IP6_VERSION, 2, 4, 0xff),
  dscp: bits(Wire.IP6_VERSION, 2, 6, 0x3f, "dscp"),
  ecn: bits(Wire.IP6_VERSION + 1, 1, 4, 3, "ecn"),
  flowlabel: { offset: Wire.IP6_VERSION, type: WORD, bits: { bytes: 4, shift: 0, mask: 0xfffff } },
  length: { offset: Wire.IP6_PAYLOAD_LENGTH, type: SHORT },
  nexthdr: { offset: Wire.IP6_NEXT_HEADER, type: PROTOCOL },
  hoplimit: { offset: Wire.IP6_HOP_LIMIT, type: BYTE },
  saddr: { offset: Wire.IP6_SRC, type: ADDRESS6 },
  daddr: { offset: Wire.IP6_DST, type: ADDRESS6 },
};

const TCP: Readonly<Record<string, Field>> = {
  ...PORTS,
  sequence: { offset: Wire.TCP_SEQUENCE, type: WORD },
  ackseq: { offset: Wire.TCP_ACKNOWLEDGED, type: WORD },
  doff: bits(Wire.TCP_DATA_OFFSET, 1, 4, 0xf),
  reserved: bits(Wire.TCP_DATA_OFFSET, 1, 0, 0xf),
  flags: { offset: Wire.TCP_FLAGS, type: TCP_FLAGS },
  window: { offset: Wire.TCP_WINDOW, type: SHORT },
  checksum: { offset: Wire.TCP_CHECKSUM, type: SHORT },
  urgptr: { offset: Wire.TCP_URGENT, type: SHORT },
};

const UDP: Readonly<Record<string, Field>> = {
  ...PORTS,
  length: { offset: Wire.UDP_LENGTH, type: SHORT },
  checksum: { offset: Wire.UDP_CHECKSUM, type: SHORT },
};

const UDPLITE: Readonly<Record<string, Field>> = {
  ...PORTS,
  csumcov: { offset: Wire.UDP_LENGTH, type: SHORT },
  checksum: { offset: Wire.UDP_CHECKSUM, type: SHORT },
};

const QUERY: Readonly<Record<string, Field>> = {
  checksum: { offset: Wire.ICMP_CHECKSUM, type: SHORT },
  id: { offset: Wire.ICMP_ID, type: SHORT },
  sequence: { offset: Wire.ICMP_SEQUENCE, type: SHORT },
};

const ICMP: Readonly<Record<string, Field>> = {
  ...QUERY,
  type: named(Wire.ICMP_TYPE, "icmp_type"),
  code: named(Wire.ICMP_CODE, "icmp_code"),
  mtu: { offset: Wire.ICMP_SEQUENCE, type: SHORT, message: Wire.ICMP4_UNREACHABLE },
  gateway: { offset: Wire.ICMP_REST, type: ADDRESS4, message: Wire.ICMP4_REDIRECT },
};

const ICMP6: Readonly<Record<string, Field>> = {
  ...QUERY,
  type: named(Wire.ICMP_TYPE, "icmpv6_type"),
  code: named(Wire.ICMP_CODE, "icmpv6_code"),
  mtu: { offset: Wire.ICMP_REST, type: WORD, message: Wire.ICMP6_TOO_BIG },
  "parameter-problem": { offset: Wire.ICMP_REST, type: WORD, message: Wire.ICMP6_PARAMETER_PROBLEM },
  "max-delay": { offset: Wire.ICMP_REST, type: SHORT, message: Wire.ICMP6_LISTENER_QUERY },
  taddr: { offset: Wire.ICMP_QUOTE, type: ADDRESS6 },
  daddr: { offset: Wire.ICMP_QUOTE + 16, type: ADDRESS6 },
};

/** RFC 3376 4.1, RFC 4302 2, RFC 4303 2, RFC 3173 3, RFC 4340 5.1. */
const IGMP: Readonly<Record<string, Field>> = {
  type: named(0, "igmp_type"),
  mrt: { offset: 1, type: BYTE },
  checksum: { offset: 2, type: SHORT },
  group: { offset: 4, type: ADDRESS4 },
};
const AH: Readonly<Record<string, Field>> = {
  nexthdr: { offset: 0, type: PROTOCOL },
  hdrlength: { offset: 1, type: BYTE },
  reserved: { offset: 2, type: SHORT },
  spi: { offset: 4, type: WORD },
  sequence: { offset: 8, type: WORD },
};
const ESP: Readonly<Record<string, Field>> = { spi: { offset: 0, type: WORD }, sequence: { offset: 4, type: WORD } };
const COMP: Readonly<Record<string, Field>> = {
  nexthdr: { offset: 0, type: PROTOCOL },
  flags: { offset: 1, type: BYTE },
  cpi: { offset: 2, type: SHORT },
};
const DCCP_FIELDS: Readonly<Record<string, Field>> = { ...PORTS, type: bits(8, 1, 1, 0xf, "dccp_pkttype") };

/** Protocol numbers that only these headers have. */
const DCCP = 33;
const COMPRESSION = 108;

const ETHER: Readonly<Record<string, Field>> = {
  daddr: named(0, "ether_addr"),
  saddr: named(6, "ether_addr"),
  type: named(12, "ether_type"),
};

export const HEADERS: Readonly<Partial<Record<PayloadProtocol, HeaderFields>>> = {
  ether: { base: "link", fields: ETHER },
  ip: { base: "network", family: "ip", fields: IP4 },
  ip6: { base: "network", family: "ip6", fields: IP6 },
  th: { base: "transport", fields: PORTS },
  tcp: { base: "transport", protocol: Protocol.TCP, fields: TCP },
  udp: { base: "transport", protocol: Protocol.UDP, fields: UDP },
  udplite: { base: "transport", protocol: Protocol.UDPLITE, fields: UDPLITE },
  dccp: { base: "transport", protocol: DCCP, fields: DCCP_FIELDS },
  sctp: {
    base: "transport",
    protocol: Protocol.SCTP,
    fields: {
      ...PORTS,
      vtag: { offset: Wire.SCTP_TAG, type: WORD },
      checksum: { offset: Wire.SCTP_CHECKSUM, type: WORD },
    },
  },
  icmp: { base: "transport", protocol: Protocol.ICMP, family: "ip", fields: ICMP },
  icmpv6: { base: "transport", protocol: Protocol.ICMP6, family: "ip6", fields: ICMP6 },
  igmp: { base: "transport", protocol: Protocol.IGMP, family: "ip", fields: IGMP },
  ah: { base: "transport", protocol: Protocol.AH, fields: AH },
  esp: { base: "transport", protocol: Protocol.ESP, fields: ESP },
  comp: { base: "transport", protocol: COMPRESSION, fields: COMP },
};

function named(offset: number, type: DataType): Field {
  return { offset, type: valueTypeOf(type) };
}

/** Bits that are a number of at most eight. */
function bits(offset: number, bytes: number, shift: number, mask: number, type?: DataType): Field {
  return { offset, type: type === undefined ? BYTE : valueTypeOf(type), bits: { bytes, shift, mask } };
}
