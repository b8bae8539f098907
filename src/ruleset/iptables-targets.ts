/** The targets of iptables that are understood, by their names behind `-j`. */

import type { Extension } from "./iptables-options.ts";
import { HEADER_TARGETS } from "./iptables-target-header.ts";
import { MARK_TARGETS } from "./iptables-target-mark.ts";
import { NAT_TARGETS } from "./iptables-target-nat.ts";
import { REJECT_WORDS } from "./iptables-words.ts";
import { LineError } from "./iptables-words-of.ts";

/** Targets that end a rule without options. */
export const VERDICTS: Readonly<Record<string, "accept" | "drop" | "return">> = {
  ACCEPT: "accept",
  DROP: "drop",
  RETURN: "return",
};

/** Targets that tell somebody of the packet, or change what no packet shows. */
const WITHOUT_EFFECT: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  LOG: {
    "log-level": 1,
    "log-prefix": 1,
    "log-tcp-sequence": 0,
    "log-tcp-options": 0,
    "log-ip-options": 0,
    "log-uid": 0,
    "log-macdecode": 0,
  },
  NFLOG: { "nflog-group": 1, "nflog-prefix": 1, "nflog-range": 1, "nflog-size": 1, "nflog-threshold": 1 },
  TRACE: {},
  AUDIT: { type: 1 },
  CLASSIFY: { "set-class": 1 },
  CHECKSUM: { "checksum-fill": 0 },
};

/** nft's default answer is what iptables' own is. */
const DEFAULT_REJECT = { ip: "icmp-port-unreachable", ip6: "icmp6-port-unreachable" } as const;
/** Short names, and those of ip6tables 1.8 and before. */
const REJECT_ALIASES: Readonly<Record<string, string>> = {
  "tcp-rst": "tcp-reset",
  "net-unreach": "icmp-net-unreachable",
  "host-unreach": "icmp-host-unreachable",
  "proto-unreach": "icmp-proto-unreachable",
  "port-unreach": "icmp-port-unreachable",
  "net-prohib": "icmp-net-prohibited",
  "host-prohib": "icmp-host-prohibited",
  "admin-prohib": "icmp-admin-prohibited",
  "no-route": "icmp6-no-route",
  "adm-prohibited": "icmp6-adm-prohibited",
  "addr-unreach": "icmp6-addr-unreachable",
};

const REJECT: Extension = {
  options: { "reject-with": 1 },
  lower: (options, { family, table }) => {
    if (table !== "filter") throw new LineError(options.named.column, "REJECT stands in the table filter only");
    const word = options.value("reject-with");
    const name = word === undefined ? DEFAULT_REJECT[family] : (REJECT_ALIASES[word.text] ?? word.text);
    const found = REJECT_WORDS.find(([known]) => known === name)?.[1];
    const isOther = found?.type === (family === "ip" ? "icmpv6" : "icmp");
    if (found === undefined || isOther) throw new LineError(word!.column, `"${word!.text}" is no way to reject`);
    return [{ kind: "reject", with: found }];
  },
};

export const TARGETS: Readonly<Record<string, Extension>> = {
  ACCEPT: { options: {}, lower: () => [] },
  DROP: { options: {}, lower: () => [] },
  RETURN: { options: {}, lower: () => [] },
  REJECT,
  ...Object.fromEntries(
    Object.entries(WITHOUT_EFFECT).map(([name, options]): [string, Extension] => [name, { options, lower: () => [] }]),
  ),
  ...HEADER_TARGETS,
  ...MARK_TARGETS,
  ...NAT_TARGETS,
};
