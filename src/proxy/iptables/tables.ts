/** What kube-proxy's tables hold whatever the Services are: built-in chains, jumps from them, and fixed rules. */

import type { BaseChain, Chain, Hook, Rule } from "../../ruleset/types.ts";
import * as st from "../statements.ts";
import { ChainRules } from "./chain-rules.ts";
import * as names from "./names.ts";
import type { IptablesOptions } from "./options.ts";
import * as ipt from "./statements.ts";

/** Priorities of netfilter (enum nf_ip_hook_priorities). */
const PRIORITY_MANGLE = -150;
const PRIORITY_DNAT = -100;
const PRIORITY_FILTER = 0;
const PRIORITY_SNAT = 100;

const PORTALS = "kubernetes service portals";
const EXTERNAL_PORTALS = "kubernetes externally-visible service portals";
const FORWARDING = "kubernetes forwarding rules";
const FIREWALL = "kubernetes load balancer firewall";
const NODE_PORTS = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";

/** Nothing but the canary. */
export function mangleChains(): Chain[] {
  return [
    builtIn("PREROUTING", "filter", "prerouting", PRIORITY_MANGLE),
    builtIn("INPUT", "filter", "input", PRIORITY_MANGLE),
    builtIn("FORWARD", "filter", "forward", PRIORITY_MANGLE),
    builtIn("OUTPUT", "route", "output", PRIORITY_MANGLE),
    builtIn("POSTROUTING", "filter", "postrouting", PRIORITY_MANGLE),
    { name: names.CANARY_CHAIN, rules: [] },
  ];
}

export function filterBaseChains(): Chain[] {
  const toKubelet = st.rule([st.jump(names.FIREWALL_CHAIN)]);
  const toFirewall = newConnections(names.PROXY_FIREWALL_CHAIN, FIREWALL);
  const toServices = newConnections(names.SERVICES_CHAIN, PORTALS);
  const toExternal = newConnections(names.EXTERNAL_SERVICES_CHAIN, EXTERNAL_PORTALS);
  const toNodePorts = st.rule([st.jump(names.NODE_PORTS_CHAIN)], "kubernetes health check service ports");
  const toForward = st.rule([st.jump(names.FORWARD_CHAIN)], FORWARDING);
  const filter = (name: string, hook: Hook, ...rules: readonly Rule[]): Chain => {
    return builtIn(name, "filter", hook, PRIORITY_FILTER, ...rules);
  };
  return [
    filter("INPUT", "input", toKubelet, toFirewall, toNodePorts, toExternal),
    filter("FORWARD", "forward", toFirewall, toForward, toServices, toExternal),
    filter("OUTPUT", "output", toKubelet, toFirewall, toServices),
  ];
}

export function natBaseChains(): Chain[] {
  const toServices = st.rule([st.jump(names.SERVICES_CHAIN)], PORTALS);
  const toPostrouting = st.rule([st.jump(names.POSTROUTING_CHAIN)], "kubernetes postrouting rules");
  return [
    builtIn("PREROUTING", "nat", "prerouting", PRIORITY_DNAT, toServices),
    builtIn("INPUT", "nat", "input", PRIORITY_SNAT),
    builtIn("OUTPUT", "nat", "output", PRIORITY_DNAT, toServices),
    builtIn("POSTROUTING", "nat", "postrouting", PRIORITY_SNAT, toPostrouting),
  ];
}

/** The filter table's own chains, before Services add to them. */
export function filterRules({ network, localhost, masqueradeMark, dropInvalid }: IptablesOptions): ChainRules {
  const { EXTERNAL_SERVICES_CHAIN, NODE_PORTS_CHAIN, PROXY_FIREWALL_CHAIN, SERVICES_CHAIN } = names;
  const { CANARY_CHAIN, FIREWALL_CHAIN, FORWARD_CHAIN } = names;
  const filter = new ChainRules([
    EXTERNAL_SERVICES_CHAIN,
    FIREWALL_CHAIN,
    FORWARD_CHAIN,
    NODE_PORTS_CHAIN,
    CANARY_CHAIN,
    PROXY_FIREWALL_CHAIN,
    SERVICES_CHAIN,
  ]);
  if (localhost) filter.append(FIREWALL_CHAIN, martianRule(network));
  if (dropInvalid) {
    filter.append(FORWARD_CHAIN, st.rule([ipt.INVALID, ipt.counted(names.INVALID_COUNTER), st.DROP]));
  }
  filter.append(FORWARD_CHAIN, st.rule([ipt.marked(masqueradeMark, "=="), ipt.ACCEPT], FORWARDING));
  const known = st.rule([ipt.KNOWN_CONNECTION, ipt.ACCEPT], "kubernetes forwarding conntrack rule");
  filter.append(FORWARD_CHAIN, known);
  return filter;
}

/** Serving nodePorts on localhost needs route_localnet, which would let neighbours reach the node's loopback addresses. */
function martianRule(network: st.Network): Rule {
  const fromElsewhere = st.fromLoopback(network, "!=");
  const statements = [fromElsewhere, st.toLoopback(network, "=="), ipt.NEITHER_KNOWN_NOR_TRANSLATED, st.DROP];
  return st.rule(statements, "block incoming localnet connections");
}

/** The nat table's own chains, likewise. Marked packets are masqueraded once: the mark is cleared before. */
export function natRules({ masqueradeMark }: IptablesOptions): ChainRules {
  const { CANARY_CHAIN, MARK_MASQUERADE_CHAIN, NODE_PORTS_CHAIN, POSTROUTING_CHAIN, SERVICES_CHAIN } = names;
  const nat = new ChainRules([
    MARK_MASQUERADE_CHAIN,
    NODE_PORTS_CHAIN,
    POSTROUTING_CHAIN,
    CANARY_CHAIN,
    SERVICES_CHAIN,
  ]);
  nat.append(MARK_MASQUERADE_CHAIN, st.rule([st.setMark("|", masqueradeMark)]));
  nat.append(POSTROUTING_CHAIN, st.rule([ipt.marked(masqueradeMark, "!="), ipt.RETURN]));
  nat.append(POSTROUTING_CHAIN, st.rule([st.setMark("^", masqueradeMark)]));
  nat.append(POSTROUTING_CHAIN, st.rule([st.MASQUERADE], "kubernetes service traffic requiring SNAT"));
  return nat;
}

/** Once all Services have added to KUBE-SERVICES: what is none of their addresses may be a nodePort. */
export function appendNodePortRules(nat: ChainRules, options: IptablesOptions): void {
  const { network, nodePortAddresses, localhost } = options;
  const toNodePorts = st.jump(names.NODE_PORTS_CHAIN);
  if (nodePortAddresses === "all") {
    const notLoopback = localhost ? [] : [st.toLoopback(network, "!=")];
    nat.append(names.SERVICES_CHAIN, st.rule([...notLoopback, st.TO_NODE, toNodePorts], NODE_PORTS));
    return;
  }
  for (const address of nodePortAddresses) {
    nat.append(names.SERVICES_CHAIN, st.rule([ipt.toAddress(network, address), toNodePorts], NODE_PORTS));
  }
}

/** These rules are added by a command each, which puts the match before its comment. */
function newConnections(chain: string, comment: string): Rule {
  return { statements: [st.NEW_CONNECTION, st.jump(chain)], comment, commentAfter: 1 };
}

function builtIn(
  name: string,
  type: BaseChain["type"],
  hook: Hook,
  priority: number,
  ...rules: readonly Rule[]
): Chain {
  return { name, base: { type, hook, priority, policy: "accept" }, rules };
}
