/**
 * A node's network when no snapshot tells it: what a plain CNI plugin (a bridge for the node's pods, host routes to the
 * others) would have set up. Link addresses are not known, so frames keep their link headers.
 */

import type { Cluster, ClusterNode } from "../cluster/types.ts";
import { formatAddress, parseAddress } from "./address.ts";
import type { InterfaceAddress, NetworkInterface, NodeNetwork, Route } from "./types.ts";

const UPLINK = "eth0";
const POD_BRIDGE = "cni0";
/** No packet is too big for a link of which nothing is known. */
const MTU = 65535;

/** Without Node objects nothing is known at all: packets pass as over a wire. */
export function deriveNetwork(cluster: Cluster, nodeName: string): NodeNetwork {
  const node = cluster.nodes.find((candidate) => candidate.name === nodeName);
  if (node === undefined) return wire();
  const others = cluster.nodes.filter((other) => other !== node);
  const bridge = node.podCidrs.map(bridgeAddress);
  const uplink = node.addresses.map((address) => hostAddress(address));
  return {
    interfaces: [
      device("lo", 1, [loopback("127.0.0.1", 8), loopback("::1", 128)]),
      device(UPLINK, 2, uplink),
      device(POD_BRIDGE, 3, bridge),
    ],
    routes: [...localRoutes(uplink, bridge), ...podRoutes(node, bridge), ...others.flatMap(routesTo), ...defaults()],
    neighbours: [],
    sysctls: { "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1" },
    sockets: [],
    kind: "node",
    linkAddresses: false,
  };
}

function wire(): NodeNetwork {
  return {
    interfaces: [device("any", 1, [])],
    routes: [],
    neighbours: [],
    sysctls: {},
    sockets: [],
    kind: "wire",
    linkAddresses: false,
  };
}

function device(name: string, index: number, addresses: readonly InterfaceAddress[]): NetworkInterface {
  const isLoopback = name === "lo";
  return {
    name,
    index,
    mtu: MTU,
    loopback: isLoopback,
    up: true,
    linkType: isLoopback ? "loopback" : "ether",
    addresses,
  };
}

function loopback(address: string, prefixLength: number): InterfaceAddress {
  return { address, prefixLength, scope: "host", secondary: false };
}

function hostAddress(address: string): InterfaceAddress {
  return { address, prefixLength: bitsOf(address), scope: "global", secondary: false };
}

/** The bridge has the first address of the pod CIDR. */
function bridgeAddress(cidr: string): InterfaceAddress {
  const [network = "", length = ""] = cidr.split("/");
  const bytes = parseAddress(network);
  if (bytes === undefined) throw new Error(`pod CIDR ${cidr} has passed validation and is none`);
  const first = Uint8Array.from(bytes);
  first[first.length - 1] = (first[first.length - 1] ?? 0) | 1;
  return { address: formatAddress(first), prefixLength: Number(length), scope: "global", secondary: false };
}

function localRoutes(uplink: readonly InterfaceAddress[], bridge: readonly InterfaceAddress[]): Route[] {
  const own = (at: string) => (address: InterfaceAddress) => local(`${address.address}/${bitsOf(address.address)}`, at);
  return [
    local("127.0.0.0/8", "lo"),
    local("::1/128", "lo"),
    ...uplink.map(own(UPLINK)),
    ...bridge.map(own(POD_BRIDGE)),
  ];
}

function local(destination: string, at: string): Route {
  return { type: "local", destination, interface: at, table: "local", metric: 0 };
}

function podRoutes(node: ClusterNode, bridge: readonly InterfaceAddress[]): Route[] {
  return node.podCidrs.map((destination, index) => {
    const source = bridge[index]?.address;
    const route: Route = { type: "unicast", destination, interface: POD_BRIDGE, table: "main", metric: 0 };
    return source === undefined ? route : { ...route, source };
  });
}

/** The way to another node's pods is that node's first address of the same family. */
function routesTo(other: ClusterNode): Route[] {
  return other.podCidrs.flatMap((destination) => {
    const gateway = other.addresses.find((address) => bitsOf(address) === bitsOf(destination));
    if (gateway === undefined) return [];
    return [{ type: "unicast", destination, interface: UPLINK, gateway, table: "main", metric: 0 }];
  });
}

function defaults(): Route[] {
  return ["0.0.0.0/0", "::/0"].map((destination) => ({
    type: "unicast",
    destination,
    interface: UPLINK,
    table: "main",
    metric: 0,
  }));
}

function bitsOf(address: string): number {
  return address.includes(":") ? 128 : 32;
}
