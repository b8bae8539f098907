/** What kube-proxy answers on a Service's healthCheckNodePort (pkg/proxy/healthcheck/service_health.go): load balancers ask there. */

import type { Cluster, ClusterNode, ClusterService } from "../cluster/types.ts";
import { familyOf } from "../network/address.ts";
import { proxyNode } from "../proxy/node.ts";
import { nodePortAddresses } from "../proxy/node-port-addresses.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";

export interface HealthCheck {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly node: string;
  /** Where the node listens; 0.0.0.0 stands for all its addresses, also those of IPv6. */
  readonly listens: readonly string[];
  /** Ready endpoints on this node: addresses, each counted once whatever its ports. */
  readonly localEndpoints: number;
  readonly response: HttpResponse;
}

/** The answer without its Date. */
export interface HttpResponse {
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One for each Service that has such a port, on each node. kube-proxy itself is taken to be healthy. */
export function healthChecks(cluster: Cluster, configuration: ProxyConfiguration): HealthCheck[] {
  return cluster.services
    .filter(needsHealthCheck)
    .flatMap((service) => cluster.nodes.map((node) => healthCheck(cluster, configuration, service, node)));
}

function needsHealthCheck({
  type,
  externalTrafficPolicy,
  healthCheckNodePort,
  ports,
  clusterIps,
}: ClusterService): boolean {
  const isServed = ports.length > 0 && clusterIps.length > 0 && !clusterIps.includes("None");
  return isServed && type === "LoadBalancer" && externalTrafficPolicy === "Local" && healthCheckNodePort !== undefined;
}

function healthCheck(
  cluster: Cluster,
  configuration: ProxyConfiguration,
  service: ClusterService,
  { name: node }: ClusterNode,
): HealthCheck {
  const family = familyOf(service.clusterIps[0] ?? "");
  const chosen = proxyNode(cluster, node);
  const addresses = chosen === undefined ? "all" : nodePortAddresses(configuration, chosen, family);
  const localEndpoints = localReadyAddresses(cluster, service, node).size;
  return {
    namespace: service.namespace,
    service: service.name,
    port: service.healthCheckNodePort ?? 0,
    node,
    listens: addresses === "all" ? ["0.0.0.0"] : addresses,
    localEndpoints,
    response: healthResponse(service, localEndpoints, true),
  };
}

/** Of the Service's first family. Terminating endpoints do not count, also those that still serve (LocalReadyEndpoints). */
function localReadyAddresses(cluster: Cluster, service: ClusterService, node: string): Set<string> {
  const family = familyOf(service.clusterIps[0] ?? "");
  const slices = cluster.endpointSlices.filter(
    (slice) =>
      slice.namespace === service.namespace &&
      slice.service === service.name &&
      slice.family === family &&
      slice.ports.some(({ port }) => port !== undefined),
  );
  const local = slices.flatMap(({ endpoints }) =>
    endpoints.filter((endpoint) => endpoint.ready && endpoint.node === node),
  );
  return new Set(local.flatMap(({ addresses }) => addresses.slice(0, 1)));
}

/** Every byte of it: tabs, no line break at the end. */
export function healthResponse(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  localEndpoints: number,
  isProxyHealthy: boolean,
): HttpResponse {
  const service = { namespace, name };
  const body = JSON.stringify({ service, localEndpoints, serviceProxyHealthy: isProxyHealthy }, undefined, "\t");
  return {
    status: localEndpoints !== 0 && isProxyHealthy ? 200 : 503,
    headers: {
      "Content-Type": "application/json",
      "X-Content-Type-Options": "nosniff",
      "X-Load-Balancing-Endpoint-Weight": `${localEndpoints}`,
      "Content-Length": `${body.length}`,
    },
    body,
  };
}
