/** Packets that somebody describes in words: who sends, and to whom. */

import type { Cluster, ClusterPod, ClusterService } from "../../cluster/types.ts";
import type { ZoneOptions } from "../../discovery/types.ts";
import type { NodeNetwork } from "../../network/types.ts";
import type { ProxyNode } from "../../proxy/types.ts";
import type { Explanation } from "../types.ts";

export type PacketProtocol = "tcp" | "udp" | "sctp" | "icmp";

export interface DescribedPacket {
  /** "pod/client", "pod/web/client", "node", or an address with or without a port. */
  readonly from: string;
  /** "web:80", "web.shop:http", "pod/web-1:8080", or an address with or without a port. */
  readonly to: string;
  /** Absent: that of the Service port that is named, else TCP. */
  readonly protocol?: PacketProtocol;
  /** TCP_* bits. */
  readonly flags: number;
}

export interface Surroundings {
  readonly cluster: Cluster;
  readonly node: ProxyNode;
  readonly network: NodeNetwork;
  readonly zone: ZoneOptions;
}

/** Who sends. */
export interface Sender {
  /** Its addresses; empty: the node, which has one for each way out. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly pod?: ClusterPod;
  /** The node itself sends: the packet begins at the OUTPUT hook. */
  readonly fromHost: boolean;
}

/** Where it goes, before anything is translated. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly protocol: PacketProtocol;
  /** The Service that was named. */
  readonly service?: ClusterService;
}

/** What was asked for, or why there is no packet to be made. */
export type Resolved<T> = { readonly value: T } | { readonly explanation: Explanation };

export function unresolved(
  cause: string,
  message: string,
  details: readonly string[] = [],
): { readonly explanation: Explanation } {
  return { explanation: { cause, message, details } };
}
