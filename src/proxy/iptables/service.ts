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

export function addServiceChains(nat: ChainRules, placed: PlacedPort, options: IptablesOptions): void {
  const { port, chains, endpoints, origin } = placed;
  const add = (chain: string, rules: readonly Rule[]): void => {
    for (const rule of rules) nat.append(chain, { ...rule, origin });
  };
  if (hasInternalEndpoints(placed)) {
    add(port.internalLocal ? chains.local : chains.cluster, internalRules(placed, options));
  }
  if (endpoints.anywhere && port.external) add(chains.external, externalRules(placed, options));
  if (hasFirewall(placed)) add(chains.firewall, firewallRules(placed, options));
  const named = new Map(endpoints.reachable.map((endpoint) => [endpoint, endpointChain(port, endpoint)]));
  add(chains.cluster, choiceRules(placed, endpoints.cluster, named, options));
  add(chains.local, choiceRules(placed, endpoints.local, named, options));
  for (const [endpoint, chain] of named) add(chain, endpointRules(placed, endpoint, chain, options));
}

/** Traffic to the ClusterIP that is to leave with the node's address: all of it, or what does not come from a pod. */
function internalRules({ port }: PlacedPort, { network, detector, masqueradeAll }: IptablesOptions): Rule[] {
  const fromOutside = masqueradeAll ? undefined : st.fromPod(detector, network, "!=");
  if (fromOutside === undefined && !masqueradeAll) return [];
  const toClusterIp = ipt.toAddress(network, port.clusterIp);
  const origin = fromOutside === undefined ? [] : [fromOutside];
  const header = detector.kind === "interface" ? [toClusterIp, ...origin] : [...origin, toClusterIp];
  const toPort = ipt.toPort(port.protocol, port.port);
  return [st.rule([...header, st.isProtocol(port.protocol), toPort, TO_MASQUERADE], `${port.title} cluster IP`)];
}

/** Policy Cluster masquerades, as the endpoint may be elsewhere; policy Local keeps the source, but for short cuts. */
function externalRules(placed: PlacedPort, { network, detector }: IptablesOptions): Rule[] {
  const { port, chains } = placed;
  const destinations = `${port.title} external destinations`;
  const toCluster = st.jump(chains.cluster);
  if (!port.externalLocal) {
    return [st.rule([TO_MASQUERADE], `masquerade traffic for ${destinations}`), st.rule([toCluster])];
  }
  const fromPod = st.fromPod(detector, network, "==");
  return [
    ...(fromPod === undefined ? [] : [st.rule([fromPod, toCluster], `pod traffic for ${destinations}`)]),
    st.rule([st.FROM_NODE, TO_MASQUERADE], `masquerade LOCAL traffic for ${destinations}`),
    st.rule([st.FROM_NODE, toCluster], `route LOCAL traffic for ${destinations}`),
    ...(hasExternalEndpoints(placed) ? [st.rule([st.jump(chains.local)])] : []),
  ];
}

/** What falls out of the chain is not translated, and so meets the drop in KUBE-PROXY-FIREWALL. */
function firewallRules({ port, chains }: PlacedPort, { network, nodeAddress }: IptablesOptions): Rule[] {
  const target = st.jump(chains.external);
  const comment = `${port.title} loadbalancer IP`;
  return [
    ...allowedSources(port, nodeAddress).map((source) =>
      st.rule([...ipt.fromPrefix(network, source), target], comment),
    ),
    st.rule([], `other traffic to ${port.title} will be dropped by KUBE-PROXY-FIREWALL`),
  ];
}

/** A client's endpoint is looked up before chance decides; each rule takes its share of what the ones before it left. */
function choiceRules(
  { port }: PlacedPort,
  endpoints: readonly ProxyEndpoint[],
  named: ReadonlyMap<ProxyEndpoint, string>,
  { largeCluster }: IptablesOptions,
): Rule[] {
  const rules: Rule[] = [];
  const add = (endpoint: ProxyEndpoint, match: (chain: string) => readonly Statement[]): void => {
    const chain = named.get(endpoint)!;
    const statements = [...match(chain), st.jump(chain)];
    rules.push(largeCluster ? { statements } : { statements, comment: `${port.title} -> ${endpoint.title}` });
  };
  const seconds = port.affinityTimeoutSeconds;
  if (seconds !== undefined) {
    for (const endpoint of endpoints) {
      add(endpoint, (list) => [{ kind: "recent", list, operation: "rcheck", seconds, reap: true }]);
    }
  }
  endpoints.forEach((endpoint, index) => {
    const choices = endpoints.length - index;
    add(endpoint, () => (choices === 1 ? [] : [ipt.firstOf(choices)]));
  });
  return rules;
}

/** An endpoint that reaches itself through its Service is masqueraded, or its answers would not come back translated. */
function endpointRules(
  { port }: PlacedPort,
  endpoint: ProxyEndpoint,
  chain: string,
  { network, largeCluster }: IptablesOptions,
): Rule[] {
  const comment = largeCluster ? undefined : port.title;
  const remembered: Statement[] =
    port.affinityTimeoutSeconds === undefined ? [] : [{ kind: "recent", list: chain, operation: "set" }];
  const target = { kind: "literal", parts: [st.address(endpoint.address)] } as const;
  const translation: Statement = { kind: "dnat", target, port: st.number(endpoint.port), flags: [] };
  return [
    st.rule([ipt.fromAddress(network, endpoint.address), TO_MASQUERADE], comment),
    st.rule([st.isProtocol(port.protocol), ...remembered, ipt.hasHeader(port.protocol), translation], comment),
  ];
}
