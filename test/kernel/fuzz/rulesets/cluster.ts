/** A cluster with a Service of every kind that kube-proxy makes other rules for, on the node of world.ts. */

import type { Cluster, ClusterService, ServicePort, Slice } from "../../../../src/cluster/types.ts";
import { CLUSTER, FAMILIES, PROXY_NODE } from "../../services.ts";
import { type Host, POD, POD_BESIDE, POD_NARROW } from "../../world.ts";

/** An endpoint on another node, beyond the router. */
const FAR_POD: Host = { ...POD, ip4: "10.244.9.10", ip6: "fd00:244:9::10", link: "eth0" };

interface Kind extends Partial<ClusterService> {
  readonly endpoints: readonly { readonly host: Host; readonly node?: string; readonly terminating?: boolean }[];
}

const LOCAL = { node: PROXY_NODE.name };
const FAR = { node: "node-b" };

/** The Service that remembers its clients. */
export const AFFINE_NUMBER = 50;

/** By the last number of their addresses. */
const KINDS: Readonly<Record<number, Kind>> = {
  [AFFINE_NUMBER]: {
    endpoints: [
      { host: POD, ...LOCAL },
      { host: POD_BESIDE, ...LOCAL },
    ],
    affinityTimeoutSeconds: 10800,
  },
  60: {
    endpoints: [
      { host: POD, ...LOCAL },
      { host: FAR_POD, ...FAR },
    ],
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    loadBalancerIngress: [
      { ip: "198.51.100.60", ipMode: "VIP" },
      { ip: "2001:db8:1::60", ipMode: "VIP" },
    ],
    healthCheckNodePort: 30999,
  },
  70: { endpoints: [{ host: FAR_POD, ...FAR }], externalTrafficPolicy: "Local", internalTrafficPolicy: "Local" },
  80: {
    endpoints: [
      { host: POD, ...LOCAL },
      { host: POD_NARROW, ...LOCAL },
      { host: FAR_POD, ...FAR },
    ],
    type: "LoadBalancer",
    loadBalancerIngress: [
      { ip: "198.51.100.80", ipMode: "VIP" },
      { ip: "2001:db8:1::80", ipMode: "VIP" },
    ],
    loadBalancerSourceRanges: ["203.0.113.0/26", "2001:db8::/122"],
    externalIps: ["198.51.100.81", "2001:db8:1::81"],
  },
  90: { endpoints: [{ host: POD, ...LOCAL, terminating: true }] },
};

export const LAST_NUMBERS = Object.keys(KINDS).map(Number);

export function clusterIpsOf(last: number): { ip4: string; ip6: string } {
  return { ip4: `10.96.0.${last}`, ip6: `fd00:96::${last}` };
}

export function nodePortOf(last: number): number {
  return 31000 + last;
}

export const ALL_KINDS: Cluster = {
  ...CLUSTER,
  services: [...CLUSTER.services, ...LAST_NUMBERS.map(service)],
  endpointSlices: [
    ...CLUSTER.endpointSlices,
    ...LAST_NUMBERS.flatMap((last) => FAMILIES.map((family) => slice(last, family))),
  ],
};

function ports(last: number): ServicePort[] {
  return (["TCP", "UDP"] as const).map((protocol) => ({
    name: protocol.toLowerCase(),
    protocol,
    port: 80,
    targetPort: 8080,
    nodePort: nodePortOf(last),
  }));
}

function service(last: number): ClusterService {
  const { endpoints: _, ...kind } = KINDS[last]!;
  const { ip4, ip6 } = clusterIpsOf(last);
  return {
    ...CLUSTER.services[0]!,
    name: `kind-${last}`,
    type: "NodePort",
    clusterIps: [ip4, ip6],
    ports: ports(last),
    ...kind,
  };
}

function slice(last: number, family: (typeof FAMILIES)[number]): Slice {
  return {
    namespace: "default",
    name: `kind-${last}-${family}`,
    service: `kind-${last}`,
    family: family === "ip4" ? "IPv4" : "IPv6",
    ports: ports(last).map(({ name, protocol }) => ({ name, protocol, port: 8080 })),
    endpoints: KINDS[last]!.endpoints.map(({ host, node, terminating = false }) => ({
      addresses: [host[family]],
      ready: !terminating,
      serving: true,
      terminating,
      ...(node === undefined ? {} : { node }),
    })),
  };
}
