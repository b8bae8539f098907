/** The places where one service port is reachable, as rules of the chains that every packet passes. */

import type { Rule, Statement } from "../../ruleset/types.ts";
import { hasExternalEndpoints, hasInternalEndpoints, type PlacedPort, usesFirewall } from "../placed-port.ts";
import * as st from "../statements.ts";
import type { Tables } from "./chain-rules.ts";
import * as names from "./names.ts";
import type { IptablesOptions } from "./options.ts";
import * as ipt from "./statements.ts";

/**
 * Translation to endpoints is for the nat table. Where there are none the filter table refuses: no endpoint anywhere
 * rejects; endpoints that policy Local forbids drop, after pods and the node have taken their short cut.
 */
export function addDestinations(tables: Tables, placed: PlacedPort, options: IptablesOptions): void {
  const { port, chains } = placed;
  if (hasInternalEndpoints(placed)) {
    const target = port.internalLocal ? chains.local : chains.cluster;
    const rule = addressRule(placed, options, port.clusterIp, `${port.title} cluster IP`, st.jump(target));
    tables.nat.append(names.SERVICES_CHAIN, rule);
  } else {
    tables.filter.append(names.SERVICES_CHAIN, refusingRule(placed, options, port.clusterIp));
  }
  addExternalAddresses(tables, placed, options);
  if (port.nodePort !== undefined) addNodePort(tables, placed, options, port.nodePort);
  if (port.healthCheckNodePort !== undefined) addHealthCheck(tables, placed, port.healthCheckNodePort);
}

/** A load balancer address with source ranges is guarded twice: what its firewall chain leaves over is dropped. */
function addExternalAddresses(tables: Tables, placed: PlacedPort, options: IptablesOptions): void {
  const { port, chains, endpoints } = placed;
  const refuse = (address: string): void => {
    if (hasExternalEndpoints(placed)) return;
    tables.filter.append(names.EXTERNAL_SERVICES_CHAIN, refusingRule(placed, options, address));
  };
  const send = (address: string, kind: string, chain: string): void => {
    if (!endpoints.anywhere) return;
    const rule = addressRule(placed, options, address, `${port.title} ${kind}`, st.jump(chain));
    tables.nat.append(names.SERVICES_CHAIN, rule);
  };
  for (const address of port.externalIps) {
    send(address, "external IP", chains.external);
    refuse(address);
  }
  const isGuarded = hasFirewall(placed);
  for (const address of port.loadBalancerIps) {
    send(address, "loadbalancer IP", isGuarded ? chains.firewall : chains.external);
    refuse(address);
    if (!isGuarded) continue;
    const comment = `${port.title} traffic not accepted by ${chains.firewall}`;
    tables.filter.append(names.PROXY_FIREWALL_CHAIN, addressRule(placed, options, address, comment, st.DROP));
  }
}

/** Without endpoints nothing is left to guard. */
export function hasFirewall({ port, endpoints }: PlacedPort): boolean {
  return endpoints.anywhere && usesFirewall(port);
}

/** What arrives on a loopback address is counted. */
function addNodePort(tables: Tables, placed: PlacedPort, options: IptablesOptions, nodePort: number): void {
  const { port, chains, endpoints, origin } = placed;
  const target = st.jump(chains.external);
  const toPort = ipt.toPort(port.protocol, nodePort);
  if (endpoints.anywhere && options.localhost) {
    const counted = ipt.counted(names.LOCALHOST_COUNTER);
    const statements = [st.toLoopback(options.network, "=="), st.isProtocol(port.protocol), toPort, counted, target];
    tables.nat.append(names.NODE_PORTS_CHAIN, { statements, comment: port.title, origin });
  }
  if (endpoints.anywhere) {
    const statements = [st.isProtocol(port.protocol), toPort, target];
    tables.nat.append(names.NODE_PORTS_CHAIN, { statements, comment: port.title, origin });
  }
  if (!hasExternalEndpoints(placed)) {
    const { verdict, comment } = refusal(placed, options);
    const statements = [st.isProtocol(port.protocol), st.TO_NODE, toPort, verdict];
    tables.filter.append(names.EXTERNAL_SERVICES_CHAIN, { statements, comment, origin });
  }
}

/** The port that kube-proxy itself answers on is open, endpoints or not. */
function addHealthCheck(tables: Tables, { port, origin }: PlacedPort, healthCheckNodePort: number): void {
  const toPort = ipt.toPort("TCP", healthCheckNodePort);
  const comment = `${port.title} health check node port`;
  tables.filter.append(names.NODE_PORTS_CHAIN, {
    statements: [st.isProtocol("TCP"), toPort, ipt.ACCEPT],
    comment,
    origin,
  });
}

function refusingRule(placed: PlacedPort, options: IptablesOptions, address: string): Rule {
  const { verdict, comment } = refusal(placed, options);
  return addressRule(placed, options, address, comment, verdict);
}

function addressRule(
  { port, origin }: PlacedPort,
  { network }: IptablesOptions,
  address: string,
  comment: string,
  verdict: Statement,
): Rule {
  const toPort = ipt.toPort(port.protocol, port.port);
  return {
    statements: [ipt.toAddress(network, address), st.isProtocol(port.protocol), toPort, verdict],
    comment,
    origin,
  };
}

function refusal(
  { port, endpoints }: PlacedPort,
  { network }: IptablesOptions,
): { verdict: Statement; comment: string } {
  return endpoints.anywhere
    ? { verdict: st.DROP, comment: `${port.title} has no local endpoints` }
    : { verdict: ipt.REJECT[network], comment: `${port.title} has no endpoints` };
}
