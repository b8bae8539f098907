/** What explanations are made from: all that the cluster knows. */

import type { ClusterObjects } from "../../cluster/control-plane.ts";
import type { Cluster, ClusterService, IpFamily, ServicePort } from "../../cluster/types.ts";
import type { NodeNetwork } from "../../network/types.ts";
import type { ProxyConfiguration, ProxyNode } from "../../proxy/types.ts";
import type { Explanation } from "../types.ts";

export interface Known {
  readonly cluster: Cluster;
  readonly objects: ClusterObjects;
  readonly node: ProxyNode;
  readonly network: NodeNetwork;
  readonly proxyConfiguration: ProxyConfiguration;
}

/** Where a packet was sent to. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  /** "tcp", "udp" … */
  readonly protocol: string;
  readonly family: IpFamily;
}

/** By which of its addresses a service port was meant. */
export type Way = "ClusterIP" | "external address" | "load balancer address" | "node port";

export interface MeantPort {
  readonly service: ClusterService;
  readonly port: ServicePort;
  readonly way: Way;
}

export function explanation(cause: string, message: string, details: readonly string[] = []): Explanation {
  return { cause, message, details };
}

export function titleOf({ namespace, name }: ClusterService): string {
  return `Service ${namespace}/${name}`;
}

export function portTitle({ service, port }: Pick<MeantPort, "service" | "port">): string {
  return `${titleOf(service)}, port ${port.name === "" ? port.port : port.name}`;
}
