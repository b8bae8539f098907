/** Which node's point of view is taken. */

import type { Cluster } from "../cluster/types.ts";
import type { Problem } from "../manifest/types.ts";
import { proxyNode } from "../proxy/node.ts";
import type { ProxyNode } from "../proxy/types.ts";
import type { NodeNetwork } from "./types.ts";

/** The name that a node has when the manifests know none. */
const NAMELESS = "node";

/** The named node, else the only one, else the first by name. A cluster without Node objects has one without addresses. */
export function chooseNode(cluster: Cluster, name?: string): { node: ProxyNode; problems: readonly Problem[] } {
  const names = cluster.nodes.map((node) => node.name).sort();
  const chosen = name ?? names[0] ?? NAMELESS;
  const found = proxyNode(cluster, chosen);
  if (found !== undefined) return { node: found, problems: [] };
  const node: ProxyNode = { name: chosen, addresses: [], interfaceAddresses: [], podCidrs: [], labels: {} };
  if (names.length === 0) return { node, problems: [] };
  const remedy = `the manifests have: ${names.join(", ")}`;
  return { node, problems: [{ severity: "error", message: `no Node is named "${chosen}"`, remedy }] };
}

/** kube-proxy looks at the addresses that the node's interfaces really have, where they are known, and at one sysctl. */
export function withInterfaces(node: ProxyNode, network: NodeNetwork): ProxyNode {
  const addresses = network.interfaces.flatMap((device) => device.addresses.map(({ address }) => address));
  return {
    ...node,
    ...(addresses.length === 0 ? {} : { interfaceAddresses: addresses }),
    conntrackTcpLiberal: (network.sysctls["net.netfilter.nf_conntrack_tcp_be_liberal"] ?? "0") !== "0",
  };
}
