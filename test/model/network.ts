/** The network of the kernel tests' node, as a snapshot of it would be read: for tests that have no kernel. */

import type { InterfaceAddress, NetworkInterface, NodeNetwork, Route } from "../../src/network/types.ts";
import { LINKS, ROUTER } from "../kernel/world.ts";

const LOOPBACK: NetworkInterface = {
  name: "lo",
  index: 1,
  mtu: 65536,
  loopback: true,
  up: true,
  linkType: "loopback",
  mac: "00:00:00:00:00:00",
  addresses: [addressOf("127.0.0.1/8", "host"), addressOf("::1/128", "host")],
};

/** Interfaces, connected and local routes, and a default route by the uplink's router. */
export function worldNetwork(): NodeNetwork {
  const interfaces = LINKS.map(
    (link, index): NetworkInterface => ({
      name: link.name,
      index: index + 2,
      mtu: link.mtu ?? 1500,
      loopback: false,
      up: true,
      linkType: "ether",
      mac: link.mac,
      addresses: link.addresses.map((address) => addressOf(address, "global")),
    }),
  );
  const defaults = [
    { ...unicast("0.0.0.0/0", "eth0"), gateway: ROUTER.ip4 },
    { ...unicast("::/0", "eth0"), gateway: ROUTER.ip6 },
  ];
  return {
    interfaces: [LOOPBACK, ...interfaces],
    routes: [...interfaces.flatMap(routesOf), ...defaults],
    neighbours: LINKS.flatMap((link) =>
      Object.entries(link.neighbours).map(([address, mac]) => ({ address, mac, interface: link.name })),
    ),
    sysctls: { "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1" },
    sockets: [],
    kind: "node",
    linkAddresses: true,
  };
}

/** What the kernel adds for an interface's addresses: the address itself is local, its prefix is on the link. */
function routesOf({ name, addresses }: NetworkInterface): Route[] {
  return addresses.flatMap(({ address, prefixLength }) => {
    const bits = address.includes(":") ? 128 : 32;
    const local: Route = { ...unicast(`${address}/${bits}`, name), type: "local", table: "local" };
    return [local, unicast(`${prefixOf(address)}/${prefixLength}`, name)];
  });
}

function unicast(destination: string, name: string): Route {
  return { type: "unicast", destination, interface: name, table: "main", metric: 0 };
}

function addressOf(text: string, scope: InterfaceAddress["scope"]): InterfaceAddress {
  const [address = "", prefixLength = ""] = text.split("/");
  return { address, prefixLength: Number(prefixLength), scope, secondary: false };
}

/** All prefixes here are /24 and /64, written with the host in the last place. */
function prefixOf(address: string): string {
  return address.includes(":") ? address.replace(/::[^:]*$/, "::") : address.replace(/\.\d+$/, ".0");
}
