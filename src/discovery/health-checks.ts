/** What kube-proxy answers on a Service's healthCheckNodePort (pkg/proxy/healthcheck/service_health.go): load balancers ask there. */

import type { Cluster, ClusterService, IpFamily } from "../cluster/types.ts";
import { familyOf } from "../network/address.ts";
import { proxyNode } from "../proxy/node.ts";
import { nodePortAddresses } from "../proxy/node-port-addresses.ts";
import { type ProxyServicePort, servicePorts } from "../proxy/service-ports.ts";
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
  const nodes = cluster.nodes.flatMap(({ name }) => proxyNode(cluster, name) ?? []);
  return cluster.services.flatMap((service) => {
    const port = checkedPort(cluster, service);
    if (port === undefined) return [];
    const family = familyOf(port.clusterIp);
    const local = localReadyAddresses(cluster, service, family);
    return nodes.map((node): HealthCheck => {
      const addresses = nodePortAddresses(configuration, node, family);
      const localEndpoints = local.get(node.name)?.size ?? 0;
      return {
        namespace: service.namespace,
        service: service.name,
        port: port.healthCheckNodePort ?? 0,
        node: node.name,
        listens: addresses === "all" ? ["0.0.0.0"] : addresses,
        localEndpoints,
        response: healthResponse(service, localEndpoints, true),
      };
    });
  });
}

/** The first service port of the Service's first family, where kube-proxy gives it a health check. */
function checkedPort(cluster: Cluster, service: ClusterService): ProxyServicePort | undefined {
  const family = familyOf(service.clusterIps[0] ?? "");
  const [port] = servicePorts({ ...cluster, services: [service] }, family);
  return port?.healthCheckNodePort === undefined ? undefined : port;
}

/** By node. Terminating endpoints do not count, also those that still serve (LocalReadyEndpoints). */
function localReadyAddresses(cluster: Cluster, { namespace, name }: ClusterService, family: IpFamily) {
  const byNode = new Map<string, Set<string>>();
  for (const slice of cluster.endpointSlices) {
    const isServed = slice.ports.some(({ port }) => port !== undefined);
    if (slice.namespace !== namespace || slice.service !== name || slice.family !== family || !isServed) continue;
    for (const { ready, node = "", addresses } of slice.endpoints) {
      const [address] = addresses;
      if (!ready || address === undefined) continue;
      byNode.set(node, (byNode.get(node) ?? new Set()).add(address));
    }
  }
  return byNode;
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
