/** A node's network: what `ip` prints of it, or what follows from the manifests. Plain data, addresses canonical. */

import type { KnownConnection } from "./known-connections.ts";

export interface NodeNetwork {
  readonly interfaces: readonly NetworkInterface[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
  /** `net.ipv4.ip_forward` → "1", as sysctl prints them. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** What listens on the node (ss -lntuH); nothing when absent. */
  readonly sockets: readonly Socket[];
  /** The connections that it knew at the start (conntrack -L); none when absent. */
  readonly connections?: readonly KnownConnection[];
  /** "node": a router with these routes. "wire": no node is known, packets pass as over a bridge. */
  readonly kind: "node" | "wire";
  /** Link addresses are known (from link.json), so frames can be checked and headed like the node's. */
  readonly linkAddresses: boolean;
}

export interface NetworkInterface {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  readonly loopback: boolean;
  readonly up: boolean;
  /** "ether", "loopback", "none" (tun) … as `ip -d link` prints link_type. */
  readonly linkType: string;
  /** Link address, "02:00:00:00:01:01"; absent when not known. */
  readonly mac?: string;
  readonly master?: string;
  readonly addresses: readonly InterfaceAddress[];
}

export interface InterfaceAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: "global" | "link" | "host" | "site";
  readonly secondary: boolean;
  readonly broadcast?: string;
}

export interface Route {
  readonly type: "unicast" | "local" | "broadcast" | "anycast" | "multicast" | "blackhole" | "unreachable" | "prohibit";
  /** "10.244.1.0/24"; the default route is "0.0.0.0/0" or "::/0". */
  readonly destination: string;
  readonly interface?: string;
  readonly gateway?: string;
  readonly source?: string;
  readonly table: string;
  readonly metric: number;
  readonly mtu?: number;
}

export interface Neighbour {
  readonly address: string;
  readonly interface: string;
  readonly mac: string;
}

export interface Socket {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}
