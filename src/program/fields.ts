/** Fields of headers by nft's names: where they stand and what they hold. Only whole bytes. */

import * as Protocol from "../../assembly/layout/protocol.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import type { Expression } from "../ruleset/types.ts";
import { ADDRESS4, ADDRESS6, BYTE, PROTOCOL, SHORT, TCP_FLAGS, type ValueType, WORD } from "./values.ts";

type PayloadProtocol = (Expression & { kind: "payload" })["protocol"];

export interface HeaderFields {
  /** The header follows the IP header. */
  readonly transport: boolean;
  /** A packet must have it for the field to be there (meta l4proto). */
  readonly protocol?: number;
  readonly family?: "ip" | "ip6";
  readonly fields: Readonly<Record<string, Field>>;
}

export interface Field {
  readonly offset: number;
  readonly type: ValueType;
}

const PORTS: Readonly<Record<string, Field>> = {
  sport: { offset: Wire.SRC_PORT, type: SHORT },
  dport: { offset: Wire.DST_PORT, type: SHORT },
};

const ICMP_FIELDS: Readonly<Record<string, Field>> = {
  type: { offset: Wire.ICMP_TYPE, type: BYTE },
  code: { offset: Wire.ICMP_CODE, type: BYTE },
  checksum: { offset: Wire.ICMP_CHECKSUM, type: SHORT },
  id: { offset: Wire.ICMP_ID, type: SHORT },
  sequence: { offset: Wire.ICMP_SEQUENCE, type: SHORT },
};

export const HEADERS: Readonly<Partial<Record<PayloadProtocol, HeaderFields>>> = {
  ip: {
    transport: false,
    family: "ip",
    fields: {
      saddr: { offset: Wire.IP4_SRC, type: ADDRESS4 },
      daddr: { offset: Wire.IP4_DST, type: ADDRESS4 },
      protocol: { offset: Wire.IP4_PROTOCOL, type: PROTOCOL },
      ttl: { offset: Wire.IP4_TTL, type: BYTE },
      length: { offset: Wire.IP4_TOTAL_LENGTH, type: SHORT },
      id: { offset: Wire.IP4_ID, type: SHORT },
      "frag-off": { offset: Wire.IP4_FRAGMENT, type: SHORT },
    },
  },
  ip6: {
    transport: false,
    family: "ip6",
    fields: {
      saddr: { offset: Wire.IP6_SRC, type: ADDRESS6 },
      daddr: { offset: Wire.IP6_DST, type: ADDRESS6 },
      nexthdr: { offset: Wire.IP6_NEXT_HEADER, type: PROTOCOL },
      hoplimit: { offset: Wire.IP6_HOP_LIMIT, type: BYTE },
      length: { offset: Wire.IP6_PAYLOAD_LENGTH, type: SHORT },
    },
  },
  th: { transport: true, fields: PORTS },
  tcp: {
    transport: true,
    protocol: Protocol.TCP,
    fields: {
      ...PORTS,
      sequence: { offset: Wire.TCP_SEQUENCE, type: WORD },
      ackseq: { offset: Wire.TCP_ACKNOWLEDGED, type: WORD },
      flags: { offset: Wire.TCP_FLAGS, type: TCP_FLAGS },
      window: { offset: Wire.TCP_WINDOW, type: SHORT },
      checksum: { offset: Wire.TCP_CHECKSUM, type: SHORT },
      urgptr: { offset: Wire.TCP_URGENT, type: SHORT },
    },
  },
  udp: {
    transport: true,
    protocol: Protocol.UDP,
    fields: {
      ...PORTS,
      length: { offset: Wire.UDP_LENGTH, type: SHORT },
      checksum: { offset: Wire.UDP_CHECKSUM, type: SHORT },
    },
  },
  sctp: { transport: true, protocol: Protocol.SCTP, fields: { ...PORTS, vtag: { offset: Wire.SCTP_TAG, type: WORD } } },
  icmp: { transport: true, protocol: Protocol.ICMP, family: "ip", fields: ICMP_FIELDS },
  icmpv6: { transport: true, protocol: Protocol.ICMP6, family: "ip6", fields: ICMP_FIELDS },
};
