/** A node for packet tables: an uplink, a link with pods, a narrow one, the routes that `ip` would show. */

import type { InterfaceAddress, NetworkInterface, NodeNetwork, Route } from "../../src/network/types.ts";

export const UPLINK_ADDRESS = "192.168.10.11";
export const POD_LINK_ADDRESS = "10.244.1.1";
export const NARROW_MTU = 1400;

export const PLAIN_NODE: NodeNetwork = {
  interfaces: [
    device("lo", 1, 65536, ["127.0.0.1/8", "::1/128"]),
    device("eth0", 2, 1500, [`${UPLINK_ADDRESS}/24`, "fd00:10::11/64"]),
    device("pod0", 3, 1500, [`${POD_LINK_ADDRESS}/24`, "fd00:244:1::1/64"]),
    device("pod1", 4, NARROW_MTU, ["10.244.2.1/24", "fd00:244:2::1/64"]),
  ],
  routes: [
    local("127.0.0.0/8", "lo"),
    local("::1/128", "lo"),
    local(`${UPLINK_ADDRESS}/32`, "eth0"),
    local("fd00:10::11/128", "eth0"),
    local(`${POD_LINK_ADDRESS}/32`, "pod0"),
    local("fd00:244:1::1/128", "pod0"),
    local("10.244.2.1/32", "pod1"),
    onLink("192.168.10.0/24", "eth0", UPLINK_ADDRESS),
    onLink("fd00:10::/64", "eth0"),
    onLink("10.244.1.0/24", "pod0", POD_LINK_ADDRESS),
    onLink("fd00:244:1::/64", "pod0"),
    onLink("10.244.2.0/24", "pod1", "10.244.2.1"),
    onLink("fd00:244:2::/64", "pod1"),
    { type: "unicast", destination: "0.0.0.0/0", interface: "eth0", gateway: "192.168.10.1", table: "main", metric: 0 },
    { type: "unicast", destination: "::/0", interface: "eth0", gateway: "fd00:10::1", table: "main", metric: 1024 },
    { type: "unreachable", destination: "198.18.0.0/24", table: "main", metric: 0 },
    { type: "prohibit", destination: "198.18.1.0/24", table: "main", metric: 0 },
    { type: "blackhole", destination: "198.18.2.0/24", table: "main", metric: 0 },
  ],
  neighbours: [],
  sysctls: { "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1" },
  sockets: [{ protocol: "tcp", address: "0.0.0.0", port: 10250 }],
  kind: "node",
  linkAddresses: false,
};

/** Nothing is known of the node. */
export const BARE_WIRE: NodeNetwork = {
  interfaces: [{ name: "any", index: 1, mtu: 65535, loopback: false, up: true, linkType: "none", addresses: [] }],
  routes: [],
  neighbours: [],
  sysctls: {},
  sockets: [],
  kind: "wire",
  linkAddresses: false,
};

function device(name: string, index: number, mtu: number, addresses: readonly string[]): NetworkInterface {
  const loopback = name === "lo";
  const linkType = loopback ? "loopback" : "none";
  return {
    name,
    index,
    mtu,
    loopback,
    up: true,
    linkType,
    addresses: addresses.map((text) => address(text, loopback)),
  };
}

function address(text: string, isHost: boolean): InterfaceAddress {
  const [bare = "", length = ""] = text.split("/");
  return { address: bare, prefixLength: Number(length), scope: isHost ? "host" : "global", secondary: false };
}

function local(destination: string, link: string): Route {
  return { type: "local", destination, interface: link, table: "local", metric: 0 };
}

function onLink(destination: string, link: string, source?: string): Route {
  const route = { type: "unicast", destination, interface: link, table: "main", metric: 0 } as const;
  return source === undefined ? route : { ...route, source };
}
