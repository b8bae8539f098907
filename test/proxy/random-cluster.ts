/** Clusters that dice choose: Services of every kind on one node, with all that kube-proxy looks at; and packets to them. */

import type { Cluster, ClusterService, IpFamily, Protocol, Slice, SliceEndpoint } from "../../src/cluster/types.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";
import { caseNetwork, POD_LINK, UPLINK } from "../conformance/case.ts";
import { clusterService, proxyConfiguration, slice } from "../support/proxy.ts";
import type { Random } from "../support/random.ts";

const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];
const POLICIES = ["Cluster", "Local"] as const;
const NODE_NAMES = ["node1", "node2"];
const ZONES = ["a", "b"];
const NODE = { IPv4: "192.168.0.2", IPv6: "2001:db8::2" };
const SECOND_ADDRESS = "172.16.0.2";
/** One is the address of a Service, as nothing prevents: then an endpoint is behind a ClusterIP. */
const PODS = {
  IPv4: ["10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.2.1", "10.0.2.2", "10.0.2.3", "10.96.0.3"],
  IPv6: ["fd00:10::1:1", "fd00:10::1:2", "fd00:10::2:1", "fd00:10::2:2", "fd00:10::96:3"],
};
const OUTSIDE = { IPv4: ["203.0.113.7", "198.51.100.9"], IPv6: ["2001:db8:9::7"] };
const PORTS = [53, 80, 443];
const NODE_PORTS = [30053, 30080, 30443];
const TIMEOUTS = [undefined, undefined, 1, 10800];

export interface Place {
  readonly address: string;
  readonly port: number;
}

export const RANDOM_NODE: ProxyNode = {
  name: "node1",
  addresses: [NODE.IPv4, NODE.IPv6],
  interfaceAddresses: ["127.0.0.1", "::1", NODE.IPv4, NODE.IPv6, SECOND_ADDRESS],
  podCidrs: ["10.0.1.0/24", "fd00:10::1:0/112"],
  labels: {},
  zone: "a",
};

/** The node, with its pods behind one link and all else behind another. */
export function randomNetwork(): NodeNetwork {
  return caseNetwork({
    interfaces: [
      { name: "lo", addresses: ["127.0.0.1/8", "::1/128"] },
      { name: UPLINK, addresses: [`${NODE.IPv4}/24`, `${SECOND_ADDRESS}/24`, `${NODE.IPv6}/64`] },
    ],
    localhostNodePorts: true,
  });
}

export function randomConfiguration(random: Random): ProxyConfiguration {
  const detectLocalMode = random.pick([
    "ClusterCIDR",
    "NodeCIDR",
    "BridgeInterface",
    "InterfaceNamePrefix",
    "None",
  ] as const);
  return proxyConfiguration({
    detectLocalMode,
    clusterCidrs: ["10.0.0.0/16", "fd00:10::/64"],
    bridgeInterface: POD_LINK,
    interfaceNamePrefix: "cni",
    nodePortAddresses: random.pick([[], ["0.0.0.0/0", "::/0"], ["172.16.0.0/24"]]),
    masqueradeAll: random.once(5),
    masqueradeBit: random.pick([14, 0, 31]),
  });
}

export function randomCluster(random: Random): Cluster {
  const numbers = Array.from({ length: 2 + random.below(6) }, (_, n) => n);
  const services = numbers.map((n) => randomService(random, n));
  const endpointSlices = numbers.flatMap((n) =>
    (["IPv4", "IPv6"] as const).map((family) => randomSlice(random, n, family)),
  );
  const serviceCidrs = random.once(2) ? {} : { serviceCidrs: ["10.96.0.0/16", "fd00:10::96:0/112"] };
  return { nodes: [], services, endpointSlices, pods: [], ...serviceCidrs };
}

function randomService(random: Random, n: number): ClusterService {
  const type = random.pick(["ClusterIP", "NodePort", "LoadBalancer"] as const);
  const timeout = random.pick(TIMEOUTS);
  const isBalanced = type === "LoadBalancer";
  return clusterService({
    name: `s${n}`,
    type,
    clusterIps: [`10.96.0.${n + 1}`, `fd00:10::96:${n + 1}`],
    externalIps: random.once(3) ? [`203.0.113.${100 + n}`, `2001:db8:9::${n + 1}`] : [],
    loadBalancerIngress: isBalanced ? [{ ip: `198.51.100.${100 + n}`, ipMode: random.once(4) ? "Proxy" : "VIP" }] : [],
    loadBalancerSourceRanges: isBalanced && random.once(2) ? ["203.0.113.0/24", "10.0.1.0/30", `${NODE.IPv4}/32`] : [],
    ports: PROTOCOLS.filter(() => !random.once(3)).map((protocol) => {
      const nodePort = NODE_PORTS[n % NODE_PORTS.length]! + n;
      const port = { name: protocol.toLowerCase(), protocol, port: random.pick(PORTS), targetPort: 8080 };
      return type === "ClusterIP" ? port : { ...port, nodePort };
    }),
    ...(timeout === undefined ? {} : { affinityTimeoutSeconds: timeout }),
    internalTrafficPolicy: random.pick(POLICIES),
    externalTrafficPolicy: random.pick(POLICIES),
  });
}

function randomSlice(random: Random, n: number, family: IpFamily): Slice {
  const count = random.below(5);
  const endpoints = Array.from({ length: count }, () => randomEndpoint(random, family));
  return slice([], {
    name: `s${n}-${family}`,
    service: `s${n}`,
    family,
    ports: PROTOCOLS.map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: random.pick([8080, 53]) })),
    endpoints,
  });
}

function randomEndpoint(random: Random, family: IpFamily): SliceEndpoint {
  const ready = !random.once(3);
  return {
    addresses: [random.pick(PODS[family])],
    ready,
    serving: ready || random.once(2),
    terminating: !ready && random.once(2),
    node: random.pick(NODE_NAMES),
    ...(random.once(2) ? { zoneHints: [random.pick(ZONES)] } : {}),
    ...(random.once(3) ? { nodeHints: [random.pick(NODE_NAMES)] } : {}),
  };
}

/** Where the cluster's Services are reachable, and places near by where they are not. */
export function placesOf({ services }: Cluster, family: IpFamily): Place[] {
  const own = family === "IPv4" ? [NODE.IPv4, SECOND_ADDRESS, "127.0.0.1"] : [NODE.IPv6, "::1"];
  const places = services.flatMap(({ clusterIps, externalIps, loadBalancerIngress, ports }) => {
    const addresses = [...clusterIps, ...externalIps, ...loadBalancerIngress.map(({ ip }) => ip)].filter(isOf(family));
    const known = ports.flatMap(({ port }) => addresses.map((address) => ({ address, port })));
    const nodePorts = ports.flatMap(({ nodePort: port }) =>
      port === undefined ? [] : [...own, ...addresses].map((address) => ({ address, port })),
    );
    return [...known, ...nodePorts, ...addresses.map((address) => ({ address, port: 9 }))];
  });
  const nobodys = family === "IPv4" ? ["10.96.0.200", "10.97.0.1"] : ["fd00:10::96:200"];
  return [...places, ...[...nobodys, ...PODS[family]].map((address) => ({ address, port: 8080 }))];
}

/** Pods of this node and others, the endpoints among them, and clients from outside. */
export function sourcesOf(family: IpFamily): readonly string[] {
  return [...PODS[family], ...OUTSIDE[family]];
}

export function linkOf(source: string): string {
  return source.startsWith("10.") || source.startsWith("fd00:10:") ? POD_LINK : UPLINK;
}

export function ownAddress(family: IpFamily): string {
  return NODE[family];
}

function isOf(family: IpFamily): (address: string) => boolean {
  return (address) => address.includes(":") === (family === "IPv6");
}
