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

/** Names of `--dscp-class` and `--set-dscp-class` (RFC 2474, 2597, 3246). */
export const DSCP_CLASSES: Readonly<Record<string, number>> = {
  BE: 0x00,
  EF: 0x2e,
  CS0: 0x00,
  CS1: 0x08,
  CS2: 0x10,
  CS3: 0x18,
  CS4: 0x20,
  CS5: 0x28,
  CS6: 0x30,
  CS7: 0x38,
  AF11: 0x0a,
  AF12: 0x0c,
  AF13: 0x0e,
  AF21: 0x12,
  AF22: 0x14,
  AF23: 0x16,
  AF31: 0x1a,
  AF32: 0x1c,
  AF33: 0x1e,
  AF41: 0x22,
  AF42: 0x24,
  AF43: 0x26,
};
