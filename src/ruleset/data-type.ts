/** The type of an expression's value, which decides how nft writes constants that are compared with it. */

import type { CtKey, DataType, Expression, MetaKey, PayloadProtocol } from "./types.ts";

const META_TYPES: Readonly<Record<MetaKey, DataType>> = {
  mark: "mark",
  l4proto: "inet_proto",
  nfproto: "nf_proto",
  protocol: "ether_type",
  length: "integer",
  iif: "ifname",
  oif: "ifname",
  iifname: "ifname",
  oifname: "ifname",
  iiftype: "iface_type",
  oiftype: "iface_type",
  iifkind: "ifname",
  oifkind: "ifname",
  iifgroup: "devgroup",
  oifgroup: "devgroup",
  pkttype: "pkt_type",
  priority: "classid",
  random: "integer",
  time: "time",
  day: "day",
  hour: "hour",
  nftrace: "integer",
  skuid: "uid",
  skgid: "gid",
  rtclassid: "realm",
  cpu: "integer",
  cgroup: "integer",
  ipsec: "boolean",
  secmark: "integer",
  sdif: "ifname",
  sdifname: "ifname",
  ibrname: "ifname",
  obrname: "ifname",
  ibrpvid: "integer",
  ibrvproto: "ether_type",
};

const CT_TYPES: Readonly<Record<CtKey, DataType>> = {
  state: "ct_state",
  status: "ct_status",
  mark: "mark",
  direction: "ct_dir",
  zone: "integer",
  expiration: "timespan",
  label: "ct_label",
  helper: "string",
  l3proto: "nf_proto",
  protocol: "inet_proto",
  "ip saddr": "ipv4_addr",
  "ip daddr": "ipv4_addr",
  "ip6 saddr": "ipv6_addr",
  "ip6 daddr": "ipv6_addr",
  "proto-src": "inet_service",
  "proto-dst": "inet_service",
  bytes: "integer",
  packets: "integer",
  avgpkt: "integer",
  id: "ct_id",
  event: "ct_event",
  secmark: "integer",
};

/** Types of header fields by protocol, where the field's name alone does not tell. */
const PAYLOAD_TYPES: Readonly<Partial<Record<PayloadProtocol, Readonly<Record<string, DataType>>>>> = {
  ether: { saddr: "ether_addr", daddr: "ether_addr", type: "ether_type" },
  vlan: { type: "ether_type" },
  arp: {
    operation: "arp_op",
    ptype: "ether_type",
    "saddr ether": "ether_addr",
    "daddr ether": "ether_addr",
    "saddr ip": "ipv4_addr",
    "daddr ip": "ipv4_addr",
  },
  tcp: { flags: "tcp_flag" },
  icmp: { type: "icmp_type", code: "icmp_code", gateway: "ipv4_addr" },
  icmpv6: { type: "icmpv6_type", code: "icmpv6_code", taddr: "ipv6_addr", daddr: "ipv6_addr" },
  igmp: { type: "igmp_type", group: "ipv4_addr" },
  dccp: { type: "dccp_pkttype" },
};

const FIELD_TYPES: Readonly<Record<string, DataType>> = {
  sport: "inet_service",
  dport: "inet_service",
  protocol: "inet_proto",
  nexthdr: "inet_proto",
  dscp: "dscp",
  ecn: "ecn",
};

/** One type per part of a concatenation, else one. Literals have none of their own: "integer". */
export function dataTypes(expression: Expression): readonly DataType[] {
  switch (expression.kind) {
    case "concat":
      return expression.parts.flatMap(dataTypes);
    case "combined":
    case "sum":
    case "bitwise":
    case "mask":
      return dataTypes(expression.left);
    case "meta":
      return [META_TYPES[expression.key]];
    case "ct":
      return [CT_TYPES[expression.key]];
    case "fib":
      return [expression.result === "type" ? "fib_addrtype" : "ifname"];
    case "payload":
      return [payloadType(expression.protocol, expression.field)];
    case "exthdr":
      return [extensionType(expression.name, expression.field)];
    case "option":
      return [expression.field === undefined ? "boolean" : "integer"];
    case "rt":
      return [routeType(expression.key, expression.family)];
    case "foreign":
      return [expression.type ?? "integer"];
    default:
      return ["integer"];
  }
}

/** Matching a value of this expression means sharing a bit with the constant (nft's implicit operator, JSON's "in"). */
export function isBitSet(expression: Expression): boolean {
  switch (expression.kind) {
    case "ct":
      return ["state", "status", "label", "event"].includes(expression.key);
    case "payload":
      return expression.protocol === "tcp" && expression.field === "flags";
    default:
      return false;
  }
}

function payloadType(protocol: PayloadProtocol, field: string): DataType {
  const own = PAYLOAD_TYPES[protocol]?.[field];
  if (own !== undefined) return own;
  if (field === "saddr" || field === "daddr") return protocol === "ip6" ? "ipv6_addr" : "ipv4_addr";
  return FIELD_TYPES[field] ?? "integer";
}

function extensionType(name: string, field: string | undefined): DataType {
  if (field === undefined) return "boolean";
  if (field === "nexthdr") return "inet_proto";
  return name === "mh" && field === "type" ? "mh_type" : "integer";
}

function routeType(key: "classid" | "nexthop" | "mtu" | "ipsec", family: "ip" | "ip6" | undefined): DataType {
  if (key === "nexthop") return family === "ip6" ? "ipv6_addr" : "ipv4_addr";
  if (key === "classid") return "realm";
  return key === "ipsec" ? "boolean" : "integer";
}
