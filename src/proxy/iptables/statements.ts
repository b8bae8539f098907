/** What iptables has of its own, or says in its own way, in the rules of kube-proxy. */

import type { Protocol } from "../../cluster/types.ts";
import type { Prefix } from "../../network/prefix.ts";
import { prefixMatch } from "../../ruleset/intervals.ts";
import type { Expression, Literal, Statement } from "../../ruleset/types.ts";
import * as st from "../statements.ts";

const STATE: Expression = { kind: "ct", key: "state" };

export const ACCEPT: Statement = st.verdict({ kind: "accept" });
export const RETURN: Statement = st.verdict({ kind: "return" });
export const INVALID: Statement = st.match(STATE, st.named("invalid"));
export const KNOWN_CONNECTION: Statement = st.match(STATE, st.named("established,related"));
/** `! --ctstate RELATED,ESTABLISHED,DNAT`: neither of the states, nor translated. */
export const NEITHER_KNOWN_NOR_TRANSLATED: Statement = {
  kind: "lookup",
  key: STATE,
  set: { kind: "anonymous", elements: ["related", "established", "dnat"].map((name) => ({ key: [st.named(name)] })) },
  invert: true,
};

export const REJECT: Readonly<Record<st.Network, Statement>> = {
  ip: { kind: "reject", with: { type: "icmp", code: "port-unreachable" } },
  ip6: { kind: "reject", with: { type: "icmpv6", code: "port-unreachable" } },
};

/** `--dport` by protocol, and `-m tcp` alone, which wants the header but takes every port: one object for all rules. */
const PORTS: Readonly<Record<Protocol, Expression>> = {
  TCP: { kind: "payload", protocol: "tcp", field: "dport" },
  UDP: { kind: "payload", protocol: "udp", field: "dport" },
  SCTP: { kind: "payload", protocol: "sctp", field: "dport" },
};
const EVERY_PORT: Literal = { kind: "range", from: st.number(0), to: st.number(65_535) };
const HEADERS: Readonly<Record<Protocol, Statement>> = {
  TCP: st.match(PORTS.TCP, EVERY_PORT),
  UDP: st.match(PORTS.UDP, EVERY_PORT),
  SCTP: st.match(PORTS.SCTP, EVERY_PORT),
};

/** xt_statistic keeps probabilities as 31-bit fixed point; kube-proxy gives them with ten decimals. */
const CERTAIN = 2 ** 31;
const PROBABILITY_DECIMALS = 10;

/** All bits of the mark are set (`--mark mark/mark`), or with "!=" not all. */
export function marked(mark: number, operator: "==" | "!="): Statement {
  return st.match({ kind: "bitwise", operator: "&", left: st.MARK, right: mark }, st.number(mark), operator);
}

export function toAddress(network: st.Network, address: string): Statement {
  return st.match(st.destination(network), st.address(address));
}

/** Nothing for the prefix of length zero: iptables keeps no match for it. */
export function fromPrefix(network: st.Network, prefix: Prefix): readonly Statement[] {
  return prefix.length === 0 ? [] : [prefixMatch(st.source(network), "==", [prefix])];
}

export function toPort(protocol: Protocol, port: number): Statement {
  return st.match(PORTS[protocol], st.number(port));
}

export function hasHeader(protocol: Protocol): Statement {
  return HEADERS[protocol];
}

/** By number of choices, from one: the same objects in all rules. */
const CHANCES: Statement[] = [];

/** The first of so many choices, all alike; the others stand in the rules behind. */
export function firstOf(choices: number): Statement {
  while (CHANCES.length < choices) {
    const decimal = (1 / (CHANCES.length + 1)).toFixed(PROBABILITY_DECIMALS);
    CHANCES.push({ kind: "statistic", probability: Math.round(Number(decimal) * CERTAIN) });
  }
  return CHANCES[choices - 1]!;
}

export function counted(name: string): Statement {
  return { kind: "nfacct", name };
}
