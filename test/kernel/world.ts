/** The small world of the kernel tests: a node with an uplink and two pod links, pods behind them, clients beyond. */

import type { KernelLink } from "../support/kernel-node.ts";

/** Somebody who sends and receives: addresses, link address, and the node's link where they are. */
export interface Host {
  readonly ip4: string;
  readonly ip6: string;
  readonly mac: string;
  readonly link: keyof typeof NODE_MACS;
}

/** The node's own link addresses. */
export const NODE_MACS = { eth0: "02:00:00:00:01:00", pod0: "02:00:00:00:01:01", pod1: "02:00:00:00:01:02" } as const;

/** The node's first address of each family. */
export const NODE = { ip4: "192.168.10.11", ip6: "fd00:10::11" } as const;

const ROUTER_MAC = "02:00:00:00:02:01";

/** The router of the uplink, and a client beyond it. */
export const ROUTER: Host = { ip4: "192.168.10.1", ip6: "fd00:10::1", mac: ROUTER_MAC, link: "eth0" };
export const CLIENT: Host = { ip4: "203.0.113.5", ip6: "2001:db8::5", mac: ROUTER_MAC, link: "eth0" };
/** Pods of this node; the second shares the first one's link. */
export const POD: Host = { ip4: "10.244.1.10", ip6: "fd00:244:1::10", mac: "02:00:00:00:03:10", link: "pod0" };
export const POD_BESIDE: Host = { ip4: "10.244.1.11", ip6: "fd00:244:1::11", mac: "02:00:00:00:03:11", link: "pod0" };
/** A pod on a link with a smaller MTU. */
export const POD_NARROW: Host = { ip4: "10.244.2.10", ip6: "fd00:244:2::10", mac: "02:00:00:00:03:20", link: "pod1" };

export const NARROW_MTU = 1400;

export const LINKS: readonly KernelLink[] = [
  {
    name: "eth0",
    mac: NODE_MACS.eth0,
    addresses: [`${NODE.ip4}/24`, `${NODE.ip6}/64`],
    neighbours: neighbours(ROUTER),
  },
  {
    name: "pod0",
    mac: NODE_MACS.pod0,
    addresses: ["10.244.1.1/24", "fd00:244:1::1/64"],
    neighbours: neighbours(POD, POD_BESIDE),
  },
  {
    name: "pod1",
    mac: NODE_MACS.pod1,
    addresses: ["10.244.2.1/24", "fd00:244:2::1/64"],
    neighbours: neighbours(POD_NARROW),
    mtu: NARROW_MTU,
  },
];

export const ROUTES = [`default via ${ROUTER.ip4}`, `default via ${ROUTER.ip6}`] as const;

function neighbours(...hosts: readonly Host[]): Record<string, string> {
  return Object.fromEntries(
    hosts.flatMap((host) => [
      [host.ip4, host.mac],
      [host.ip6, host.mac],
    ]),
  );
}
