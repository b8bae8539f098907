/** The chains and affinity sets of one service port: from the choice of an endpoint to its DNAT. */

import { prefixMatch } from "../../ruleset/intervals.ts";
import type { Chain, Element, Expression, Literal, NamedSet, Rule, Statement } from "../../ruleset/types.ts";
import type { ProxyEndpoint } from "../endpoints.ts";
import { allowedSources, hasExternalEndpoints, type PlacedPort, usesFirewall } from "../placed-port.ts";
import { type ProxyServicePort, usesClusterEndpoints, usesLocalEndpoints } from "../service-ports.ts";
import * as st from "../statements.ts";
import * as names from "./names.ts";
import type { TableOptions } from "./table.ts";

/** Elements that a dynamic set may hold: what nft gives a set with neither size nor elements. */
const AFFINITY_SET_SIZE = 65_535;

export interface ServiceRules {
  readonly sets: readonly NamedSet[];
  readonly chains: readonly Chain[];
}

/** How one of several endpoints is chosen. */
export interface Choice {
  /** Of the chain that each endpoint of a Service with session affinity has; absent: it has none. */
  readonly endpointRules?: typeof endpointRules;
  readonly choiceRules: typeof choiceRules;
}

const KUBE_PROXY: Choice = { endpointRules, choiceRules };

export function serviceRules(placed: PlacedPort, options: TableOptions, choice: Choice = KUBE_PROXY): ServiceRules {
  const { port, chains, endpoints, origin } = placed;
  const affine = port.affinityTimeoutSeconds === undefined ? [] : endpoints.reachable;
  const named = new Map(affine.map((endpoint) => [endpoint, names.endpointNames(port, endpoint)]));
  const written: Chain[] = [];
  const write = (name: string, rules: readonly Rule[]): void => {
    written.push({ name, rules: rules.map((rule) => ({ ...rule, origin })) });
  };
  for (const [endpoint, { chain, affinitySet }] of named) {
    const rules = choice.endpointRules?.(port, endpoint, affinitySet, options.network);
    if (rules !== undefined) write(chain, rules);
  }
  if (endpoints.cluster.length > 0 && usesClusterEndpoints(port)) {
    write(chains.cluster, choice.choiceRules(port, endpoints.cluster, named, options.network));
  }
  if (endpoints.local.length > 0 && usesLocalEndpoints(port)) {
    write(chains.local, choice.choiceRules(port, endpoints.local, named, options.network));
  }
  if (endpoints.anywhere && port.external) write(chains.external, externalRules(placed, options));
  if (usesFirewall(port)) write(chains.firewall, [firewallRule(port, options)]);
  return {
    sets: [...named.values()].map(({ affinitySet }) => affinitySetOf(affinitySet, placed, options)),
    chains: written,
  };
}

export type NamedEndpoints = ReadonlyMap<ProxyEndpoint, names.EndpointNames>;

/** kube-proxy's: without affinity one rule chooses and translates; with it, a client's endpoint is looked up before chance decides. */
function choiceRules(
  port: ProxyServicePort,
  endpoints: readonly ProxyEndpoint[],
  named: NamedEndpoints,
  network: st.Network,
): Rule[] {
  const draw: Expression = { kind: "numgen", mode: "random", modulus: endpoints.length, offset: 0 };
  if (named.size === 0) return [st.rule([st.isProtocol(port.protocol), dnatToOneOf(draw, endpoints, network)])];
  const known = endpoints.map((endpoint) => named.get(endpoint)!);
  const elements: Element[] = known.map(({ chain }, index) => ({
    key: indexKey(index),
    value: { kind: "goto", chain },
  }));
  return [
    ...known.map(({ affinitySet, chain }) => st.rule([st.inSet(st.source(network), affinitySet), st.goto(chain)])),
    st.rule([{ kind: "vmap", key: draw, map: { kind: "anonymous", elements } }]),
  ];
}

function dnatToOneOf(draw: Expression, endpoints: readonly ProxyEndpoint[], network: st.Network): Statement {
  const elements: Element[] = endpoints.map(({ address, port }, index) => ({
    key: indexKey(index),
    value: [st.address(address), st.number(port)],
  }));
  const target: Expression = { kind: "map", key: draw, map: { kind: "anonymous", elements } };
  return { kind: "dnat", family: network, target, addressAndPort: true, flags: [] };
}

/** Keys 0, 1, 2 … of what a number is drawn for: the same objects in all rules, for there are many. */
const indexKeys: (readonly Literal[])[] = [];

function indexKey(index: number): readonly Literal[] {
  for (let next = indexKeys.length; next <= index; next++) indexKeys.push([st.number(next)]);
  return indexKeys[index]!;
}

function endpointRules(
  port: ProxyServicePort,
  endpoint: ProxyEndpoint,
  affinitySet: string,
  network: st.Network,
): Rule[] {
  const target: Expression = { kind: "literal", parts: [st.address(endpoint.address)] };
  return [
    st.rule([{ kind: "set", operation: "update", set: affinitySet, key: st.source(network) }]),
    st.rule([st.isProtocol(port.protocol), { kind: "dnat", target, port: st.number(endpoint.port), flags: [] }]),
  ];
}

/** Policy Cluster masquerades, as the endpoint may be elsewhere; policy Local keeps the source, but for short cuts. */
function externalRules(placed: PlacedPort, { network, detector, masqueradeMark }: TableOptions): Rule[] {
  const { port, chains } = placed;
  const mark = st.setMark("|", masqueradeMark);
  if (!port.externalLocal) return [st.rule([mark], "masquerade"), st.rule([st.goto(chains.cluster)])];
  const fromPod = st.fromPod(detector, network, "==");
  const toCluster = st.goto(chains.cluster);
  return [
    ...(fromPod === undefined ? [] : [st.rule([fromPod, toCluster], "short-circuit pod traffic")]),
    st.rule([st.FROM_NODE, mark], "masquerade local traffic"),
    st.rule([st.FROM_NODE, toCluster], "short-circuit local traffic"),
    ...(hasExternalEndpoints(placed) ? [st.rule([st.goto(chains.local)])] : []),
  ];
}

function firewallRule(port: ProxyServicePort, { network, nodeAddress }: TableOptions): Rule {
  return st.rule([prefixMatch(st.source(network), "!=", allowedSources(port, nodeAddress)), st.DROP]);
}

function affinitySetOf(name: string, { port }: PlacedPort, { network }: TableOptions): NamedSet {
  return {
    name,
    key: [network === "ip" ? "ipv4_addr" : "ipv6_addr"],
    size: AFFINITY_SET_SIZE,
    flags: ["dynamic", "timeout"],
    timeoutSeconds: port.affinityTimeoutSeconds!,
    elements: [],
  };
}
