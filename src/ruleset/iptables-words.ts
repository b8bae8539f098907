/** iptables' words for what the ruleset names in nft's. */

import type { RejectWith } from "./types.ts";

/** Names of `--ctstate`, in the order in which iptables prints them: upper case of these. */
export const CONNECTION_STATES: readonly string[] = [
  "invalid",
  "new",
  "related",
  "established",
  "untracked",
  "snat",
  "dnat",
];

/** `--reject-with` of iptables and of ip6tables. */
export const REJECT_WORDS: readonly (readonly [word: string, answer: RejectWith])[] = [
  ["tcp-reset", { type: "tcp reset" }],
  ["icmp-net-unreachable", { type: "icmp", code: "net-unreachable" }],
  ["icmp-host-unreachable", { type: "icmp", code: "host-unreachable" }],
  ["icmp-proto-unreachable", { type: "icmp", code: "prot-unreachable" }],
  ["icmp-port-unreachable", { type: "icmp", code: "port-unreachable" }],
  ["icmp-net-prohibited", { type: "icmp", code: "net-prohibited" }],
  ["icmp-host-prohibited", { type: "icmp", code: "host-prohibited" }],
  ["icmp-admin-prohibited", { type: "icmp", code: "admin-prohibited" }],
  ["icmp6-no-route", { type: "icmpv6", code: "no-route" }],
  ["icmp6-adm-prohibited", { type: "icmpv6", code: "admin-prohibited" }],
  ["icmp6-addr-unreachable", { type: "icmpv6", code: "addr-unreachable" }],
  ["icmp6-port-unreachable", { type: "icmpv6", code: "port-unreachable" }],
];

/** What xt_statistic's fixed point calls always. */
export const CERTAIN = 2 ** 31;
export const PORT_MAX = 65_535;

/** xt_recent's mask for whole addresses. */
export const WHOLE_ADDRESS = {
  ip: "255.255.255.255",
  ip6: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
} as const;
