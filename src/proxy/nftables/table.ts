/** What kube-proxy's table holds whatever the Services are: sets and maps, base chains and what they jump to. */

import { prefixOf } from "../../network/prefix.ts";
import { prefixMatch } from "../../ruleset/intervals.ts";
import type { Chain, DataType, Element, Hook, NamedSet, Rule, Statement } from "../../ruleset/types.ts";
import type { FamilyOptions } from "../family-options.ts";
import * as st from "../statements.ts";
import type { ElementTables } from "./elements.ts";
import * as names from "./names.ts";

/** The choices of one family's table. */
export interface TableOptions extends FamilyOptions {
  /** Packets to other addresses of these prefixes are dropped; none: not known. */
  readonly serviceCidrs: readonly string[];
}

/** Priorities of netfilter (enum nf_ip_hook_priorities); before DNAT means ten before it. */
const PRIORITY_DNAT = -100;
const PRIORITY_PRE_DNAT = PRIORITY_DNAT - 10;
const PRIORITY_FILTER = 0;
const PRIORITY_SNAT = 100;

/** The fixed sets and maps with their elements, in the order in which kube-proxy makes them. */
export function fixedSets({ network, nodePortAddresses }: TableOptions, elements: ElementTables): NamedSet[] {
  const address: DataType = network === "ip" ? "ipv4_addr" : "ipv6_addr";
  const servicePort: DataType[] = [address, "inet_proto", "inet_service"];
  const nodePort: DataType[] = ["inet_proto", "inet_service"];
  const make = (name: string, key: readonly DataType[], comment: string): NamedSet => {
    return { name, key, comment, flags: [], elements: elements.of(name) };
  };
  const makeMap = (name: string, key: readonly DataType[], comment: string): NamedSet => {
    return { ...make(name, key, comment), value: "verdict" };
  };
  const nodePortIps = make(names.NODE_PORT_IPS_SET, [address], "IPs that accept NodePort traffic");
  return [
    make(names.HAIRPIN_SET, [address, ...servicePort], "service hairpin connections"),
    make(names.CLUSTER_IPS_SET, [address], "Active ClusterIPs"),
    ...(nodePortAddresses === "all" ? [] : [{ ...nodePortIps, elements: nodePortAddresses.map(addressElement) }]),
    makeMap(
      names.NO_ENDPOINT_SERVICES_MAP,
      servicePort,
      "vmap to drop or reject packets to services with no endpoints",
    ),
    makeMap(
      names.NO_ENDPOINT_NODE_PORTS_MAP,
      nodePort,
      "vmap to drop or reject packets to service nodeports with no endpoints",
    ),
    makeMap(names.FIREWALL_IPS_MAP, servicePort, "destinations that are subject to LoadBalancerSourceRanges"),
    makeMap(names.SERVICE_IPS_MAP, servicePort, "ClusterIP, ExternalIP and LoadBalancer IP traffic"),
    makeMap(names.SERVICE_NODE_PORTS_MAP, nodePort, "NodePort traffic"),
  ];
}

/** The base chains. Rejecting is allowed in input, forward and output only; hence the endpoint checks are there. */
export function baseChains(): Chain[] {
  const filter = (name: string, hook: Hook, priority: number, ...targets: readonly string[]): Chain => {
    const rules = targets.map((target) => st.rule([st.NEW_CONNECTION, st.jump(target)]));
    return { name, base: { type: "filter", hook, priority, policy: "accept" }, rules };
  };
  const nat = (name: string, hook: Hook, priority: number, target: string): Chain => {
    return { name, base: { type: "nat", hook, priority, policy: "accept" }, rules: [st.rule([st.jump(target)])] };
  };
  const { FIREWALL_CHECK_CHAIN, SERVICE_ENDPOINTS_CHECK_CHAIN, CLUSTER_IPS_CHECK_CHAIN } = names;
  const { NODE_PORT_ENDPOINTS_CHECK_CHAIN, SERVICES_CHAIN, MASQUERADING_CHAIN } = names;
  return [
    filter("filter-prerouting-pre-dnat", "prerouting", PRIORITY_PRE_DNAT, FIREWALL_CHECK_CHAIN),
    filter("filter-output-pre-dnat", "output", PRIORITY_PRE_DNAT, FIREWALL_CHECK_CHAIN),
    filter("filter-input", "input", PRIORITY_FILTER, NODE_PORT_ENDPOINTS_CHECK_CHAIN, SERVICE_ENDPOINTS_CHECK_CHAIN),
    filter("filter-forward", "forward", PRIORITY_FILTER, SERVICE_ENDPOINTS_CHECK_CHAIN, CLUSTER_IPS_CHECK_CHAIN),
    filter("filter-output", "output", PRIORITY_FILTER, SERVICE_ENDPOINTS_CHECK_CHAIN, CLUSTER_IPS_CHECK_CHAIN),
    nat("nat-prerouting", "prerouting", PRIORITY_DNAT, SERVICES_CHAIN),
    nat("nat-output", "output", PRIORITY_DNAT, SERVICES_CHAIN),
    nat("nat-postrouting", "postrouting", PRIORITY_SNAT, MASQUERADING_CHAIN),
  ];
}

/** The chains to which base chains jump, and the one to which maps do. */
export function fixedChains(options: TableOptions): Chain[] {
  const { network } = options;
  const nodePort = st.concat(st.L4_PROTOCOL, st.DESTINATION_PORT);
  const servicePort = st.concat(st.destination(network), st.L4_PROTOCOL, st.DESTINATION_PORT);
  const toNodePort = toNodePortAddress(options);
  const chain = (name: string, ...rules: readonly Rule[]): Chain => ({ name, rules });
  return [
    chain(
      names.NODE_PORT_ENDPOINTS_CHECK_CHAIN,
      st.rule([toNodePort, st.verdictOf(nodePort, names.NO_ENDPOINT_NODE_PORTS_MAP)]),
    ),
    chain(names.SERVICE_ENDPOINTS_CHECK_CHAIN, st.rule([st.verdictOf(servicePort, names.NO_ENDPOINT_SERVICES_MAP)])),
    chain(names.FIREWALL_CHECK_CHAIN, st.rule([st.verdictOf(servicePort, names.FIREWALL_IPS_MAP)])),
    chain(
      names.SERVICES_CHAIN,
      ...markRules(options),
      st.rule([st.verdictOf(servicePort, names.SERVICE_IPS_MAP)]),
      st.rule([
        ...(options.nodePortAddresses === "all" ? [st.TO_NODE] : []),
        toNodePort,
        st.verdictOf(nodePort, names.SERVICE_NODE_PORTS_MAP),
      ]),
    ),
    masqueradingChain(options),
    clusterIpsCheckChain(options),
    {
      name: names.REJECT_CHAIN,
      comment: "helper for @no-endpoint-services / @no-endpoint-nodeports",
      rules: [st.rule([st.REJECT])],
    },
  ];
}

function toNodePortAddress({ network, nodePortAddresses }: TableOptions): Statement {
  if (nodePortAddresses === "all") return st.toLoopback(network, "!=");
  return st.inSet(st.destination(network), names.NODE_PORT_IPS_SET);
}

/**
 * Traffic to ClusterIPs that is to leave with the node's address: all of it, or what does not come from a pod. kube-proxy
 * asks for the destination first; either order marks the same packets.
 */
export function markRules(options: TableOptions, asksSourceFirst = false): Rule[] {
  const { network, detector, masqueradeAll, masqueradeMark } = options;
  const toClusterIp = st.inSet(st.destination(network), names.CLUSTER_IPS_SET);
  const mark = st.setMark("|", masqueradeMark);
  if (masqueradeAll) return [st.rule([toClusterIp, mark], "masquerade all clusterIP traffic")];
  const fromOutside = st.fromPod(detector, network, "!=");
  if (fromOutside === undefined) return [];
  const both = asksSourceFirst ? [fromOutside, toClusterIp] : [toClusterIp, fromOutside];
  return [st.rule([...both, mark], "masquerade clusterIP traffic from outside cluster")];
}

function masqueradingChain({ network, masqueradeMark }: TableOptions): Chain {
  const [saddr, daddr] = [st.source(network), st.destination(network)];
  const connection = st.concat(saddr, daddr, st.L4_PROTOCOL, st.DESTINATION_PORT);
  return {
    name: names.MASQUERADING_CHAIN,
    rules: [
      st.rule([st.hasMark(masqueradeMark), st.setMark("^", masqueradeMark), st.MASQUERADE]),
      st.rule([st.TRANSLATED, st.inSet(connection, names.HAIRPIN_SET), st.MASQUERADE]),
    ],
  };
}

function clusterIpsCheckChain({ network, serviceCidrs }: TableOptions): Chain {
  const daddr = st.destination(network);
  const toClusterIp = st.inSet(daddr, names.CLUSTER_IPS_SET);
  const rules = [st.rule([toClusterIp, st.REJECT], "Reject traffic to invalid ports of ClusterIPs")];
  if (serviceCidrs.length > 0) {
    const toServiceCidr = prefixMatch(daddr, "==", serviceCidrs.map(prefixOf));
    rules.push(st.rule([toServiceCidr, st.DROP], "Drop traffic to unallocated ClusterIPs"));
  }
  return { name: names.CLUSTER_IPS_CHECK_CHAIN, rules };
}

function addressElement(text: string): Element {
  return { key: [st.address(text)] };
}
