/** The few expressions and statements that kube-proxy's rules are made of. */

import type { Protocol } from "../cluster/types.ts";
import { prefixMatch } from "../ruleset/intervals.ts";
import { PROTOCOL_NUMBERS } from "../ruleset/protocols.ts";
import type { Expression, Literal, Rule, Statement, Verdict } from "../ruleset/types.ts";
import type { LocalDetector } from "./local-detector.ts";

export type Network = "ip" | "ip6";

export const L4_PROTOCOL: Expression = { kind: "meta", key: "l4proto" };
export const DESTINATION_PORT: Expression = { kind: "payload", protocol: "th", field: "dport" };
export const MARK: Expression = { kind: "meta", key: "mark" };

export const MASQUERADE: Statement = { kind: "masquerade", flags: ["fully-random"] };
export const REJECT: Statement = { kind: "reject" };
export const DROP: Statement = verdict({ kind: "drop" });
export const NEW_CONNECTION: Statement = match({ kind: "ct", key: "state" }, named("new"));
export const TRANSLATED: Statement = match({ kind: "ct", key: "status" }, named("dnat"));
export const FROM_NODE: Statement = localAddress("saddr");
export const TO_NODE: Statement = localAddress("daddr");

/** The same objects in all rules, for there are many. */
const SOURCES: Readonly<Record<Network, Expression>> = {
  ip: { kind: "payload", protocol: "ip", field: "saddr" },
  ip6: { kind: "payload", protocol: "ip6", field: "saddr" },
};
const DESTINATIONS: Readonly<Record<Network, Expression>> = {
  ip: { kind: "payload", protocol: "ip", field: "daddr" },
  ip6: { kind: "payload", protocol: "ip6", field: "daddr" },
};
const LOOPBACKS: Readonly<Record<Network, Literal>> = {
  ip: { kind: "prefix", address: "127.0.0.0", length: 8 },
  ip6: address("::1"),
};
const PROTOCOLS: Readonly<Record<Protocol, Literal>> = {
  TCP: { kind: "protocol", protocol: PROTOCOL_NUMBERS.tcp! },
  UDP: { kind: "protocol", protocol: PROTOCOL_NUMBERS.udp! },
  SCTP: { kind: "protocol", protocol: PROTOCOL_NUMBERS.sctp! },
};
const PROTOCOL_MATCHES: Readonly<Record<Protocol, Statement>> = {
  TCP: match(L4_PROTOCOL, PROTOCOLS.TCP),
  UDP: match(L4_PROTOCOL, PROTOCOLS.UDP),
  SCTP: match(L4_PROTOCOL, PROTOCOLS.SCTP),
};

export function source(network: Network): Expression {
  return SOURCES[network];
}

export function destination(network: Network): Expression {
  return DESTINATIONS[network];
}

export function isProtocol(protocol: Protocol): Statement {
  return PROTOCOL_MATCHES[protocol];
}

export function concat(...parts: readonly Expression[]): Expression {
  return { kind: "concat", parts };
}

export function match(left: Expression, literal: Literal, operator: "==" | "!=" = "=="): Statement {
  return { kind: "match", left, operator, right: { kind: "literal", parts: [literal] } };
}

export function inSet(key: Expression, name: string): Statement {
  return { kind: "lookup", key, set: { kind: "named", name }, invert: false };
}

export function verdictOf(key: Expression, map: string): Statement {
  return { kind: "vmap", key, map: { kind: "named", name: map } };
}

export function verdict(kind: Verdict): Statement {
  return { kind: "verdict", verdict: kind };
}

export function jump(chain: string): Statement {
  return verdict({ kind: "jump", chain });
}

export function goto(chain: string): Statement {
  return verdict({ kind: "goto", chain });
}

export function setMark(operator: "|" | "^", mark: number): Statement {
  return { kind: "mangle", target: "meta mark", value: { kind: "bitwise", operator, left: MARK, right: mark } };
}

export function hasMark(mark: number): Statement {
  return match({ kind: "bitwise", operator: "&", left: MARK, right: mark }, number(0), "!=");
}

/** The packet comes, or does not come, from one of the node's pods; undefined where the node cannot tell. */
export function fromPod(detector: LocalDetector, network: Network, operator: "==" | "!="): Statement | undefined {
  switch (detector.kind) {
    case "source":
      return prefixMatch(source(network), operator, [detector.prefix]);
    case "interface":
      return match({ kind: "meta", key: "iifname" }, named(detector.name), operator);
    case "none":
      return undefined;
  }
}

/** The packet comes from one of the node's loopback addresses, or with "!=" from none of them. */
export function fromLoopback(network: Network, operator: "==" | "!="): Statement {
  return match(source(network), LOOPBACKS[network], operator);
}

export function toLoopback(network: Network, operator: "==" | "!="): Statement {
  return match(destination(network), LOOPBACKS[network], operator);
}

export function rule(statements: readonly Statement[], comment?: string): Rule {
  return comment === undefined ? { statements } : { statements, comment };
}

export function address(text: string): Literal {
  return { kind: "address", address: text };
}

export function number(value: number): Literal {
  return { kind: "number", value };
}

export function protocolLiteral(protocol: Protocol): Literal {
  return PROTOCOLS[protocol];
}

export function named(name: string): Literal {
  return { kind: "name", name };
}

function localAddress(flag: "saddr" | "daddr"): Statement {
  return match({ kind: "fib", flags: [flag], result: "type" }, named("local"));
}
