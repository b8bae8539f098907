/** A service port as one node serves it: its endpoints, the chains that it has in every mode, and who may use it. */

import { addressOf } from "../network/address.ts";
import { type Prefix, prefixContains, prefixOf } from "../network/prefix.ts";
import type { Origin } from "../ruleset/types.ts";
import type { ProxyServicePort } from "./service-ports.ts";
import type { UsableEndpoints } from "./topology.ts";

/** Names of the chains that a service port may have. */
export interface ServiceChains {
  /** Endpoints of traffic policy Cluster. */
  readonly cluster: string;
  /** Endpoints of traffic policy Local. */
  readonly local: string;
  /** Traffic to nodePorts, external and load balancer addresses. */
  readonly external: string;
  readonly firewall: string;
}

/** A service port with what the topology makes of it. */
export interface PlacedPort {
  readonly port: ProxyServicePort;
  readonly endpoints: UsableEndpoints;
  readonly chains: ServiceChains;
  readonly origin: Origin;
}

export function placedPort(port: ProxyServicePort, endpoints: UsableEndpoints, chains: ServiceChains): PlacedPort {
  const { namespace, service, name } = port;
  const object = name === "" ? `Service ${namespace}/${service}` : `Service ${namespace}/${service}, port ${name}`;
  return { port, endpoints, chains, origin: { object } };
}

/** There is an endpoint for traffic to the ClusterIP. */
export function hasInternalEndpoints({ port, endpoints }: PlacedPort): boolean {
  return endpoints.anywhere && (!port.internalLocal || endpoints.local.length > 0);
}

/** There is an endpoint for traffic from outside to nodePorts, external and load balancer addresses. */
export function hasExternalEndpoints({ port, endpoints }: PlacedPort): boolean {
  return endpoints.anywhere && (!port.externalLocal || endpoints.local.length > 0);
}

/** Source ranges guard load balancer addresses, not nodePorts. */
export function usesFirewall({ loadBalancerIps, sourceRanges }: ProxyServicePort): boolean {
  return loadBalancerIps.length > 0 && sourceRanges.length > 0;
}

/**
 * The sources that pass the firewall. A load balancer address may be the node's own, so that the node's packets to it
 * have it as their source too: it is allowed where the node is.
 */
export function allowedSources(port: ProxyServicePort, nodeAddress: string | undefined): readonly Prefix[] {
  const { sourceRanges, loadBalancerIps } = port;
  if (nodeAddress === undefined) return sourceRanges;
  const node = addressOf(nodeAddress);
  const isNodeAllowed = sourceRanges.some((range) => prefixContains(range, node));
  return isNodeAllowed ? [...sourceRanges, ...loadBalancerIps.map(prefixOf)] : sourceRanges;
}
