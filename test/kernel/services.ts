/** The Services of the kernel tests, as kube-proxy would see them on the node of world.ts. */

import type { Cluster, ClusterService, IpFamily, Protocol, ServicePort, Slice } from "../../src/cluster/types.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";
import { type Host, NODE, POD, POD_BESIDE, POD_NARROW } from "./world.ts";

export type Family = "ip4" | "ip6";
export const FAMILIES: readonly Family[] = ["ip4", "ip6"];

const IP_FAMILY: Readonly<Record<Family, IpFamily>> = { ip4: "IPv4", ip6: "IPv6" };

interface Definition {
  readonly clusterIps: Readonly<Record<Family, string>>;
  readonly ports: readonly ServicePort[];
  readonly endpoints: readonly Host[];
}

const NAMESPACE = "default";

/** One endpoint, every protocol, node ports. */
export const WEB = { ip4: "10.96.0.10", ip6: "fd00:96::10", port: 80, nodePort: 30080, targetPort: 8080 };
/** Without endpoints. */
export const EMPTY = { ip4: "10.96.0.20", ip6: "fd00:96::20", port: 80, nodePort: 30090 };
/** Two endpoints on one link. */
export const TWINS = { ip4: "10.96.0.30", ip6: "fd00:96::30", port: 80 };
/** One endpoint, behind the narrow link. */
export const NARROW = { ip4: "10.96.0.40", ip6: "fd00:96::40", port: 80, nodePort: 30100 };
/** In the Services' range, but nobody's. */
export const UNALLOCATED = { ip4: "10.96.0.99", ip6: "fd00:96::99" };

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  web: {
    clusterIps: WEB,
    ports: [
      port("http", "TCP", WEB.port, WEB.targetPort, WEB.nodePort),
      port("http3", "UDP", WEB.port, WEB.targetPort, WEB.nodePort),
      port("signal", "SCTP", WEB.port, WEB.targetPort, WEB.nodePort),
    ],
    endpoints: [POD],
  },
  empty: {
    clusterIps: EMPTY,
    ports: [
      port("http", "TCP", EMPTY.port, 8080, EMPTY.nodePort),
      port("http3", "UDP", EMPTY.port, 8080, EMPTY.nodePort),
    ],
    endpoints: [],
  },
  twins: {
    clusterIps: TWINS,
    ports: [port("http", "TCP", TWINS.port, 8080), port("http3", "UDP", TWINS.port, 8080)],
    endpoints: [POD, POD_BESIDE],
  },
  narrow: {
    clusterIps: NARROW,
    ports: [
      port("http", "TCP", NARROW.port, 8080, NARROW.nodePort),
      port("http3", "UDP", NARROW.port, 8080, NARROW.nodePort),
    ],
    endpoints: [POD_NARROW],
  },
};

export const PROXY_NODE: ProxyNode = {
  name: "node-a",
  addresses: [NODE.ip4, NODE.ip6],
  podCidrs: ["10.244.0.0/16", "fd00:244::/32"],
  labels: {},
};

export const PROXY_CONFIGURATION: ProxyConfiguration = {
  mode: "nftables",
  detectLocalMode: "ClusterCIDR",
  clusterCidrs: ["10.244.0.0/16", "fd00:244::/32"],
  nodePortAddresses: [],
  masqueradeAll: false,
  masqueradeBit: 14,
  localhostNodePorts: false,
};

export const CLUSTER: Cluster = {
  serviceCidrs: ["10.96.0.0/16", "fd00:96::/112"],
  nodes: [PROXY_NODE],
  services: Object.entries(DEFINITIONS).map(([name, definition]) => service(name, definition)),
  endpointSlices: Object.entries(DEFINITIONS).flatMap(([name, definition]) =>
    FAMILIES.map((family) => slice(name, definition, family)),
  ),
  pods: [],
};

function port(name: string, protocol: Protocol, number: number, targetPort: number, nodePort?: number): ServicePort {
  return { name, protocol, port: number, targetPort, ...(nodePort && { nodePort }) };
}

function service(name: string, definition: Definition): ClusterService {
  return {
    namespace: NAMESPACE,
    name,
    type: definition.ports.some((one) => one.nodePort) ? "NodePort" : "ClusterIP",
    clusterIps: [definition.clusterIps.ip4, definition.clusterIps.ip6],
    externalIps: [],
    loadBalancerIngress: [],
    loadBalancerSourceRanges: [],
    ports: definition.ports,
    externalTrafficPolicy: "Cluster",
    internalTrafficPolicy: "Cluster",
    publishNotReadyAddresses: false,
    labels: {},
    annotations: {},
    selector: {},
  };
}

function slice(name: string, definition: Definition, family: Family): Slice {
  return {
    namespace: NAMESPACE,
    name: `${name}-${family}`,
    service: name,
    family: IP_FAMILY[family],
    ports: definition.ports.map((one) => ({ name: one.name, protocol: one.protocol, port: Number(one.targetPort) })),
    endpoints: definition.endpoints.map((host) => ({
      addresses: [host[family]],
      ready: true,
      serving: true,
      terminating: false,
      node: PROXY_NODE.name,
    })),
  };
}
