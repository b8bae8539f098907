/** Which endpoints a service port uses on this node: traffic policies, topology hints and the terminating fallback. */

import type { ProxyEndpoint } from "./endpoints.ts";
import { type ProxyServicePort, usesClusterEndpoints, usesLocalEndpoints } from "./service-ports.ts";

type Endpoints = readonly ProxyEndpoint[];
type Test = (endpoint: ProxyEndpoint) => boolean;

/** The node that looks at the endpoints. */
interface Viewpoint {
  readonly name: string;
  readonly zone?: string;
}

export interface UsableEndpoints {
  /** For traffic policy Cluster; empty too when the service port never uses it. */
  readonly cluster: Endpoints;
  /** For traffic policy Local; likewise. */
  readonly local: Endpoints;
  /** Both together: every endpoint that this node may send to. */
  readonly reachable: Endpoints;
  /** Some endpoint is usable somewhere, be it for another node: a lack of endpoints here drops, and does not reject. */
  readonly anywhere: boolean;
}

/**
 * Ready endpoints, else those that still serve while they terminate (KEP-1669), decided for each policy on its own.
 * Hints narrow policy Cluster only (KEP-3015, KEP-4444).
 */
export function usableEndpoints(endpoints: Endpoints, port: ProxyServicePort, node: Viewpoint): UsableEndpoints {
  const cluster = usesClusterEndpoints(port) ? clusterEndpoints(endpoints, node) : [];
  if (!usesLocalEndpoints(port)) {
    return { cluster, local: [], reachable: cluster, anywhere: cluster.length > 0 };
  }
  const local = readyOrTerminating(endpoints.filter((endpoint) => endpoint.local));
  const anywhere = readyOrTerminating(endpoints).length > 0;
  return { cluster, local, reachable: [...new Set([...cluster, ...local])], anywhere };
}

function clusterEndpoints(endpoints: Endpoints, node: Viewpoint): Endpoints {
  const ready = endpoints.filter(isReady);
  return ready.length > 0 ? hinted(ready, node) : endpoints.filter(isServingTerminating);
}

function readyOrTerminating(endpoints: Endpoints): Endpoints {
  const ready = endpoints.filter(isReady);
  return ready.length > 0 ? ready : endpoints.filter(isServingTerminating);
}

const isReady: Test = ({ ready }) => ready;
const isServingTerminating: Test = ({ serving, terminating }) => serving && terminating;

/** Node hints count when all ready endpoints have some and one names this node; else zone hints the same way. */
function hinted(ready: Endpoints, { name, zone }: Viewpoint): Endpoints {
  if (ready.every(({ nodeHints }) => nodeHints.length > 0)) {
    const forNode = ready.filter(({ nodeHints }) => nodeHints.includes(name));
    if (forNode.length > 0) return forNode;
  }
  if (zone !== undefined && ready.every(({ zoneHints }) => zoneHints.length > 0)) {
    const forZone = ready.filter(({ zoneHints }) => zoneHints.includes(zone));
    if (forZone.length > 0) return forZone;
  }
  return ready;
}
