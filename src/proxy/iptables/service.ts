/** The chains of one service port in the nat table: from where its traffic comes in to the DNAT of an endpoint. */

import type { Rule, Statement } from "../../ruleset/types.ts";
import type { ProxyEndpoint } from "../endpoints.ts";
import { allowedSources, hasExternalEndpoints, hasInternalEndpoints, type PlacedPort } from "../placed-port.ts";
import * as st from "../statements.ts";
import type { ChainRules } from "./chain-rules.ts";
import { hasFirewall } from "./destinations.ts";
import { endpointChain, MARK_MASQUERADE_CHAIN } from "./names.ts";
import type { IptablesOptions } from "./options.ts";
import * as ipt from "./statements.ts";

const TO_MASQUERADE = st.jump(MARK_MASQUERADE_CHAIN);

/** What comes from a service port's chain goes to an endpoint's by the same jump each time. */
type EndpointJumps = ReadonlyMap<ProxyEndpoint, { readonly chain: string; readonly jump: Statement }>;

export function addServiceChains(nat: ChainRules, placed: PlacedPort, options: IptablesOptions): void {
  const { port, chains, endpoints } = placed;
  const jumps = endpointJumps(placed);
  const internal = hasInternalEndpoints(placed) ? internalRules(placed, options) : [];
  const [cluster, local] = port.internalLocal ? [[], internal] : [internal, []];
  if (endpoints.anywhere && port.external) nat.put(chains.external, externalRules(placed, options));
  if (hasFirewall(placed)) nat.put(chains.firewall, firewallRules(placed, options));
  if (endpoints.cluster.length > 0) {
    nat.put(chains.cluster, [...cluster, ...choiceRules(placed, endpoints.cluster, jumps, options)]);
  }
  if (endpoints.local.length > 0) {
    nat.put(chains.local, [...local, ...choiceRules(placed, endpoints.local, jumps, options)]);
  }
  for (const [endpoint, { chain }] of jumps) nat.put(chain, endpointRules(placed, endpoint, chain, options));
}

function endpointJumps({ port, endpoints }: PlacedPort): EndpointJumps {
  const jumps = new Map<ProxyEndpoint, { chain: string; jump: Statement }>();
  for (const endpoint of endpoints.reachable) {
    const chain = endpointChain(port, endpoint);
    jumps.set(endpoint, { chain, jump: st.jump(chain) });
  }
  return jumps;
}

/** Traffic to the ClusterIP that is to leave with the node's address: all of it, or what does not come from a pod. */
function internalRules({ port, origin }: PlacedPort, { network, detector, masqueradeAll }: IptablesOptions): Rule[] {
  const fromOutside = masqueradeAll ? undefined : st.fromPod(detector, network, "!=");
  if (fromOutside === undefined && !masqueradeAll) return [];
  const toClusterIp = ipt.toAddress(network, port.clusterIp);
  const outside = fromOutside === undefined ? [] : [fromOutside];
  const header = detector.kind === "interface" ? [toClusterIp, ...outside] : [...outside, toClusterIp];
  const toPort = ipt.toPort(port.protocol, port.port);
  const statements = [...header, st.isProtocol(port.protocol), toPort, TO_MASQUERADE];
  return [{ statements, comment: `${port.title} cluster IP`, origin }];
}

/** Policy Cluster masquerades, as the endpoint may be elsewhere; policy Local keeps the source, but for short cuts. */
function externalRules(placed: PlacedPort, { network, detector }: IptablesOptions): Rule[] {
  const { port, chains, origin } = placed;
  const traffic = (statements: readonly Statement[], what: string): Rule => {
    return { statements, comment: `${what} for ${port.title} external destinations`, origin };
  };
  const toCluster = st.jump(chains.cluster);
  if (!port.externalLocal) {
    return [traffic([TO_MASQUERADE], "masquerade traffic"), { statements: [toCluster], origin }];
  }
  const fromPod = st.fromPod(detector, network, "==");
  return [
    ...(fromPod === undefined ? [] : [traffic([fromPod, toCluster], "pod traffic")]),
    traffic([st.FROM_NODE, TO_MASQUERADE], "masquerade LOCAL traffic"),
    traffic([st.FROM_NODE, toCluster], "route LOCAL traffic"),
    ...(hasExternalEndpoints(placed) ? [{ statements: [st.jump(chains.local)], origin }] : []),
  ];
}

/** What falls out of the chain is not translated, and so meets the drop in KUBE-PROXY-FIREWALL. */
function firewallRules({ port, chains, origin }: PlacedPort, { network, nodeAddress }: IptablesOptions): Rule[] {
  const target = st.jump(chains.external);
  const comment = `${port.title} loadbalancer IP`;
  const accepting = allowedSources(port, nodeAddress).map((source) => {
    return { statements: [...ipt.fromPrefix(network, source), target], comment, origin };
  });
  const others = `other traffic to ${port.title} will be dropped by KUBE-PROXY-FIREWALL`;
  return [...accepting, { statements: [], comment: others, origin }];
}

/** A client's endpoint is looked up before chance decides; each rule takes its share of what the ones before it left. */
function choiceRules(
  { port, origin }: PlacedPort,
  endpoints: readonly ProxyEndpoint[],
  jumps: EndpointJumps,
  { largeCluster }: IptablesOptions,
): Rule[] {
  const choice = (endpoint: ProxyEndpoint, statements: readonly Statement[]): Rule => {
    return largeCluster
      ? { statements, origin }
      : { statements, comment: `${port.title} -> ${endpoint.title}`, origin };
  };
  const rules: Rule[] = [];
  const seconds = port.affinityTimeoutSeconds;
  for (const endpoint of seconds === undefined ? [] : endpoints) {
    const { chain, jump } = jumps.get(endpoint)!;
    rules.push(
      choice(endpoint, [{ kind: "recent", list: chain, operation: "rcheck", seconds: seconds!, reap: true }, jump]),
    );
  }
  endpoints.forEach((endpoint, index) => {
    const { jump } = jumps.get(endpoint)!;
    const choices = endpoints.length - index;
    rules.push(choice(endpoint, choices === 1 ? [jump] : [ipt.firstOf(choices), jump]));
  });
  return rules;
}

/** An endpoint that reaches itself through its Service is masqueraded, or its answers would not come back translated. */
function endpointRules(
  { port, origin }: PlacedPort,
  endpoint: ProxyEndpoint,
  chain: string,
  { network, largeCluster }: IptablesOptions,
): Rule[] {
  const address = st.address(endpoint.address);
  const fromItself = st.match(st.source(network), address);
  const remembered: readonly Statement[] =
    port.affinityTimeoutSeconds === undefined ? [] : [{ kind: "recent", list: chain, operation: "set" }];
  const translation: Statement = {
    kind: "dnat",
    target: { kind: "literal", parts: [address] },
    port: st.number(endpoint.port),
    flags: [],
  };
  const marking = [fromItself, TO_MASQUERADE];
  const translating = [st.isProtocol(port.protocol), ...remembered, ipt.hasHeader(port.protocol), translation];
  if (largeCluster) return [marking, translating].map((statements) => ({ statements, origin }));
  return [marking, translating].map((statements) => ({ statements, comment: port.title, origin }));
}
