/** The cluster that the benchmarks run: Services of one port with pods on one node, as plain data. */

import type { Cluster, ClusterNode, ClusterService, IpFamily, Slice } from "../cluster/types.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";

export const NODE = "node";
export const NODE_ADDRESS = "192.168.0.1";
export const POD_CIDR = "10.244.0.0/16";
const NODE_ADDRESS6 = "fd00::c0a8:1";
/** The last four bytes of IPv6 addresses are those that IPv4's would be. */
const PREFIX6 = "fd00::";
const POD_CIDR6 = "fd00::af4:0/112";
export const PORT = 80;
export const TARGET_PORT = 8080;

export const CONFIGURATION: ProxyConfiguration = {
  mode: "nftables",
  detectLocalMode: "ClusterCIDR",
  clusterCidrs: ["10.0.0.0/8"],
  nodePortAddresses: [],
  masqueradeAll: false,
  masqueradeBit: 14,
  localhostNodePorts: false,
};

export const CONFIGURATION6: ProxyConfiguration = { ...CONFIGURATION, clusterCidrs: ["fd00::a00:0/104"] };

/** ClusterIP of the n-th Service, in host order: 10.96.0.1 and on. */
export function clusterIp(n: number): number {
  return 0x0a600001 + n;
}

/** Address of the n-th pod, in host order: 10.244.0.2 and on. */
export function podIp(n: number): number {
  return 0x0af40002 + n;
}

export function benchmarkCluster(services: number, endpoints: number, family: IpFamily = "IPv4"): Cluster {
  const numbers = Array.from({ length: services }, (_, n) => n);
  const [address, podCidr] = family === "IPv4" ? [NODE_ADDRESS, POD_CIDR] : [NODE_ADDRESS6, POD_CIDR6];
  return {
    nodes: [{ name: NODE, addresses: [address], podCidrs: [podCidr], labels: {} }],
    services: numbers.map((n) => service(n, family)),
    endpointSlices: numbers.map((n) => slice(n, endpoints, family)),
    pods: [],
  };
}

/** The same cluster as a List of manifests, as kubectl prints them. */
export function manifestsOf(services: number, endpoints: number): { readonly items: readonly unknown[] } {
  const { nodes, services: all, endpointSlices } = benchmarkCluster(services, endpoints);
  const list = { apiVersion: "v1", kind: "List" };
  return {
    ...list,
    items: [...nodes.map(nodeObject), ...all.map(serviceObject), ...endpointSlices.map(sliceObject)],
  };
}

function nodeObject({ name, addresses, podCidrs }: ClusterNode): unknown {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { podCIDR: podCidrs[0], podCIDRs: podCidrs },
    status: { addresses: addresses.map((address) => ({ type: "InternalIP", address })) },
  };
}

function serviceObject({ namespace, name, type, clusterIps, ports }: ClusterService): unknown {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name },
    spec: { type, clusterIP: clusterIps[0], clusterIPs: clusterIps, ports },
  };
}

function sliceObject({ namespace, name, service: owner, ports, endpoints }: Slice): unknown {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { namespace, name, labels: { "kubernetes.io/service-name": owner } },
    addressType: "IPv4",
    ports,
    endpoints: endpoints.map(({ addresses, ready, node }) => ({ addresses, conditions: { ready }, nodeName: node })),
  };
}

/** The address of a family that ends in these four bytes. */
export function addressText(address: number, family: IpFamily): string {
  if (family === "IPv4") return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
  return `${PREFIX6}${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}`;
}

/** The last four bytes of an address that addressText() made. */
export function addressNumber(text: string): number {
  if (!text.startsWith(PREFIX6)) return text.split(".").reduce((value, part) => value * 256 + Number(part), 0);
  return text
    .slice(PREFIX6.length)
    .split(":")
    .reduce((value, part) => value * 65536 + Number.parseInt(part, 16), 0);
}

function service(n: number, family: IpFamily): ClusterService {
  return {
    namespace: "default",
    name: `service-${n}`,
    type: "ClusterIP",
    clusterIps: [addressText(clusterIp(n), family)],
    externalIps: [],
    loadBalancerIngress: [],
    loadBalancerSourceRanges: [],
    ports: [{ name: "http", protocol: "TCP", port: PORT, targetPort: TARGET_PORT }],
    externalTrafficPolicy: "Cluster",
    internalTrafficPolicy: "Cluster",
    publishNotReadyAddresses: false,
    labels: {},
    annotations: {},
    selector: {},
  };
}

/** Pods are shared by all Services from the 65,000th on: addresses within the pod CIDR repeat. */
function slice(n: number, endpoints: number, family: IpFamily): Slice {
  return {
    namespace: "default",
    name: `service-${n}-1`,
    service: `service-${n}`,
    family,
    ports: [{ name: "http", protocol: "TCP", port: TARGET_PORT }],
    endpoints: Array.from({ length: endpoints }, (_, i) => ({
      addresses: [addressText(podIp((n * endpoints + i) % 65_000), family)],
      ready: true,
      serving: true,
      terminating: false,
      node: NODE,
    })),
  };
}
