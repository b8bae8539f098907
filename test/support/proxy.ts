/** Parts of what a proxier knows, with defaults, for tests that care about a few fields. */

import type { Cluster, ClusterService, Slice } from "../../src/cluster/types.ts";
import type { ProxyServicePort } from "../../src/proxy/service-ports.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";

export function proxyServicePort(fields: Partial<ProxyServicePort> = {}): ProxyServicePort {
  return {
    namespace: "default",
    service: "web",
    name: "http",
    title: "default/web:http",
    protocol: "TCP",
    clusterIp: "10.96.0.1",
    port: 80,
    nodePort: undefined,
    healthCheckNodePort: undefined,
    externalIps: [],
    loadBalancerIps: [],
    sourceRanges: [],
    affinityTimeoutSeconds: undefined,
    internalLocal: false,
    externalLocal: false,
    external: false,
    ...fields,
  };
}

export function proxyConfiguration(fields: Partial<ProxyConfiguration> = {}): ProxyConfiguration {
  return {
    mode: "nftables",
    detectLocalMode: "ClusterCIDR",
    clusterCidrs: ["10.244.0.0/16"],
    nodePortAddresses: [],
    masqueradeAll: false,
    masqueradeBit: 14,
    localhostNodePorts: false,
    ...fields,
  };
}

export function proxyNode(fields: Partial<ProxyNode> = {}): ProxyNode {
  return { name: "node1", addresses: ["192.168.10.11"], podCidrs: ["10.244.1.0/24"], labels: {}, ...fields };
}

export function clusterService(fields: Partial<ClusterService> = {}): ClusterService {
  return {
    namespace: "default",
    name: "web",
    type: "ClusterIP",
    clusterIps: ["10.96.0.1"],
    externalIps: [],
    loadBalancerIngress: [],
    loadBalancerSourceRanges: [],
    ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }],
    externalTrafficPolicy: "Cluster",
    internalTrafficPolicy: "Cluster",
    publishNotReadyAddresses: false,
    labels: {},
    annotations: {},
    selector: {},
    ...fields,
  };
}

/** A slice of Service default/web with one ready endpoint per address. */
export function slice(addresses: readonly string[], fields: Partial<Slice> = {}): Slice {
  return {
    namespace: "default",
    name: "web-1",
    service: "web",
    family: "IPv4",
    ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    endpoints: addresses.map((address) => ({
      addresses: [address],
      ready: true,
      serving: true,
      terminating: false,
      node: "node2",
    })),
    ...fields,
  };
}

export function clusterOf(services: readonly ClusterService[], slices: readonly Slice[]): Cluster {
  return { nodes: [], services, endpointSlices: slices, pods: [] };
}
