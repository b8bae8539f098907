/** Rulesets of the kernel tests: kube-proxy's own for services.ts, and small ones that ask for a single thing. */

import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import type {
  BaseChain,
  Chain,
  Literal,
  NamedSet,
  Nat,
  RejectWith,
  Rule,
  Ruleset,
  Statement,
} from "../../src/ruleset/types.ts";
import { CLUSTER, PROXY_CONFIGURATION, PROXY_NODE } from "./services.ts";
import { NODE, POD } from "./world.ts";

const SENDERS = "senders";

export function kubeProxy(): Ruleset {
  return generateNftables(CLUSTER, PROXY_NODE, PROXY_CONFIGURATION);
}

/** kube-proxy's rules, and a chain before them that drops what conntrack calls invalid. */
export function kubeProxyDroppingInvalid(): Ruleset {
  const tables = kubeProxy().tables;
  return { tables: [...tables, inetTable([chain(FORWARD, rule(ctState("invalid"), verdict("drop")))])] };
}

/** No translation: what conntrack calls invalid does not pass. */
export function droppingInvalid(): Ruleset {
  return { tables: [inetTable([chain(FORWARD, rule(ctState("invalid"), verdict("drop")))])] };
}

/** What comes in on these links is of a zone, for both directions or for one; what is invalid does not pass. */
export function zoned(zones: readonly { link: string; zone: number; direction?: "original" | "reply" }[]): Ruleset {
  const raw: BaseChain = { type: "filter", hook: "prerouting", priority: -300, policy: "accept" };
  const rules = zones.map(({ link, zone, direction }) => {
    const target = { kind: "ct", key: "zone", ...(direction && { direction }) } as const;
    return rule(isInterface(link), { kind: "assign", target, value: literal(number(zone)) });
  });
  return { tables: [inetTable([chain(raw, ...rules), chain(FORWARD, rule(ctState("invalid"), verdict("drop")))])] };
}

function isInterface(name: string): Statement {
  const left = { kind: "meta", key: "iifname" } as const;
  return { kind: "match", left, operator: "==", right: literal({ kind: "name", name }) };
}

/** Everything to port 7000 of the node goes to POD:8080, `snat` says what becomes of the source on the way to pods. */
export function translating(snat: Nat): Ruleset {
  return ofFamilies((family) => {
    const host = family === "ip" ? { node: NODE.ip4, pod: POD.ip4 } : { node: NODE.ip6, pod: POD.ip6 };
    const dnat: Nat = { kind: "dnat", target: literal(address(host.pod)), port: number(8080), flags: [] };
    return [
      chain(PREROUTING, rule(isAddress(family, "daddr", host.node), protocols(), isPort(7000), dnat)),
      chain(POSTROUTING, rule(isAddress(family, "daddr", host.pod), protocols(), snat)),
    ];
  });
}

/** The source becomes the node's address, with a port of a range. */
export function sourcePorts(from: number, to: number): Nat {
  return { kind: "masquerade", port: { kind: "range", from: number(from), to: number(to) }, flags: [] };
}

/** The source of whatever leaves the node is translated. */
export function leaving(snat: (family: Network) => Nat): Ruleset {
  return ofFamilies((family) => {
    const nat = snat(family);
    return [chain(POSTROUTING, rule(...(nat.port === undefined ? [] : [protocols()]), nat))];
  });
}

/** The destination of whatever goes to port 7000 is translated. */
export function arriving(dnat: (family: Network) => Nat): Ruleset {
  return ofFamilies((family) => [chain(PREROUTING, rule(protocols(), isPort(7000), dnat(family)))]);
}

/** New connections to POD's port 9000 + n are refused in the n-th of these ways; to anything else they pass. */
export function refusing(ways: readonly RejectWith[]): Ruleset {
  const rules = ways.map((way, n) =>
    rule(way.type === "tcp reset" ? isTcp() : protocols(), isPort(9000 + n), { kind: "reject", with: way }),
  );
  return { tables: [inetTable([chain(FORWARD, ...rules), chain({ ...FORWARD, hook: "input" }, ...rules)])] };
}

/** Port 7001, wherever it is sent, is redirected to the node's own port 7002. */
export function redirecting(): Ruleset {
  const redirect: Nat = { kind: "redirect", port: number(7002), flags: [] };
  return ofFamilies(() => [chain(PREROUTING, rule(protocols(), isPort(7001), redirect))]);
}

/** TCP that conntrack calls invalid gets a reset. */
export function resettingInvalid(): Ruleset {
  const reset: Statement = { kind: "reject", with: { type: "tcp reset" } };
  return { tables: [inetTable([chain(FORWARD, rule(ctState("invalid"), isTcp(), reset))])] };
}

/** Every sender is entered into a set that forgets it after a second, and dropped once the set is full. */
export function remembering(size: number): Ruleset {
  return ofFamilies(
    (family) => [
      chain({ ...FORWARD, hook: "prerouting" }, rule(enterSender(family), verdict("accept")), rule(verdict("drop"))),
      chain(POSTROUTING, rule({ kind: "masquerade", flags: [] })),
    ],
    (family) => [
      {
        name: SENDERS,
        key: [family === "ip" ? "ipv4_addr" : "ipv6_addr"],
        flags: ["dynamic", "timeout"],
        timeoutSeconds: 1,
        size,
        elements: [],
      },
    ],
  );
}

function enterSender(protocol: Network): Statement {
  const sender = { kind: "payload", protocol, field: "saddr" } as const;
  return { kind: "set", operation: "update", set: SENDERS, key: sender };
}

const PREROUTING: BaseChain = { type: "nat", hook: "prerouting", priority: -100, policy: "accept" };
const POSTROUTING: BaseChain = { type: "nat", hook: "postrouting", priority: 100, policy: "accept" };
const FORWARD: BaseChain = { type: "filter", hook: "forward", priority: -1, policy: "accept" };

export type Network = "ip" | "ip6";

function ofFamilies(
  chains: (family: Network) => Chain[],
  sets: (family: Network) => readonly NamedSet[] = () => [],
): Ruleset {
  const families: readonly Network[] = ["ip", "ip6"];
  return {
    tables: families.map((family) => ({ family, name: "test", sets: sets(family), chains: chains(family) })),
  };
}

function inetTable(chains: readonly Chain[]) {
  return { family: "inet", name: "filter", sets: [], chains } as const;
}

function chain(base: BaseChain, ...rules: readonly Rule[]): Chain {
  return { name: `on-${base.hook}`, base, rules };
}

function rule(...statements: readonly Statement[]): Rule {
  return { statements };
}

function ctState(name: string): Statement {
  return { kind: "match", left: { kind: "ct", key: "state" }, operator: "==", right: literal({ kind: "name", name }) };
}

function isAddress(protocol: Network, field: "saddr" | "daddr", text: string): Statement {
  return { kind: "match", left: { kind: "payload", protocol, field }, operator: "==", right: literal(address(text)) };
}

function isPort(port: number): Statement {
  return {
    kind: "match",
    left: { kind: "payload", protocol: "th", field: "dport" },
    operator: "==",
    right: literal(number(port)),
  };
}

/** Matches the protocols that have ports. */
function protocols(): Statement {
  const elements = PORT_PROTOCOLS.map((protocol) => ({ key: [{ kind: "protocol", protocol }] as const }));
  return { kind: "lookup", key: { kind: "meta", key: "l4proto" }, set: { kind: "anonymous", elements }, invert: false };
}

function isTcp(): Statement {
  return {
    kind: "match",
    left: { kind: "meta", key: "l4proto" },
    operator: "==",
    right: literal({ kind: "protocol", protocol: 6 }),
  };
}

const PORT_PROTOCOLS = [6, 17, 132] as const;

function verdict(kind: "accept" | "drop"): Statement {
  return { kind: "verdict", verdict: { kind } };
}

function literal(part: Literal) {
  return { kind: "literal", parts: [part] } as const;
}

function address(text: string): Literal {
  return { kind: "address", address: text };
}

function number(value: number): Literal {
  return { kind: "number", value };
}
