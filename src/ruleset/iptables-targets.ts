/** The targets of iptables that are understood, by their names behind `-j`. */

import { type Extension, rangeOf } from "./iptables-options.ts";
import { HEADER_TARGETS } from "./iptables-target-header.ts";
import { MARK_TARGETS } from "./iptables-target-mark.ts";
import { NAT_TARGETS } from "./iptables-target-nat.ts";
import { REJECT_WORDS } from "./iptables-words.ts";
import { LineError } from "./iptables-words-of.ts";

const QUEUE_MAX = 0xffff;
/** Protocols with ports, which TPROXY redirects. */
const [TCP, UDP] = [6, 17];

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

/** The packet is handed over, to whichever of the queues. */
const NFQUEUE: Extension = {
  options: { "queue-num": 1, "queue-balance": 1, "queue-bypass": 0, "queue-cpu-fanout": 0 },
  lower: (options) => {
    const ends = options.value("queue-balance");
    const [from, to] = ends === undefined ? [options.number("queue-num", QUEUE_MAX, 0)] : rangeOf(ends, QUEUE_MAX);
    const flags = { "queue-bypass": "bypass", "queue-cpu-fanout": "fanout" } as const;
    const given = Object.entries(flags).flatMap(([name, flag]) => (options.has(name) ? [flag] : []));
    const num = to === undefined ? from! : { range: [from!, to] };
    return [{ kind: "queue", json: { num, ...(given.length === 0 ? {} : { flags: given }) } }];
  },
};

/** tproxy_tg4(): without a process that accepts what is not addressed to it there is nobody to hand the packet to. */
const TPROXY: Extension = {
  options: { "on-port": 1, "on-ip": 1, "tproxy-mark": 1 },
  lower: (options, { table, protocol }) => {
    const { column } = options.named;
    if (table !== "mangle") throw new LineError(column, "TPROXY stands in the table mangle only");
    if (protocol !== TCP && protocol !== UDP) throw new LineError(column, "TPROXY wants -p tcp or -p udp");
    options.need("on-port");
    return [{ kind: "verdict", verdict: { kind: "drop" } }];
  },
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
  NFQUEUE,
  TPROXY,
  ...Object.fromEntries(
    Object.entries(WITHOUT_EFFECT).map(([name, options]): [string, Extension] => [name, { options, lower: () => [] }]),
  ),
  ...HEADER_TARGETS,
  ...MARK_TARGETS,
  ...NAT_TARGETS,
};
