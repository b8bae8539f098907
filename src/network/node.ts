/** Which node's point of view is taken. */

import type { Cluster, ClusterNode } from "../cluster/types.ts";
import type { Problem } from "../manifest/types.ts";
import type { ProxyNode } from "../proxy/types.ts";

/** The name that a node has when the manifests know none. */
const NAMELESS = "node";

/** The named node, else the only one, else the first by name. A cluster without Node objects has one without addresses. */
export function chooseNode(cluster: Cluster, name?: string): { node: ProxyNode; problems: readonly Problem[] } {
  const sorted = [...cluster.nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = name === undefined ? sorted[0] : sorted.find((node) => node.name === name);
  if (found !== undefined) return { node: proxyNode(found), problems: [] };
  const node: ProxyNode = { name: name ?? NAMELESS, addresses: [], podCidrs: [], labels: {} };
  if (sorted.length === 0) return { node, problems: [] };
  const remedy = `the manifests have: ${sorted.map((known) => known.name).join(", ")}`;
  return { node, problems: [{ severity: "error", message: `no Node is named "${name}"`, remedy }] };
}

/** kube-proxy serves the first address of each family (GetNodeIPs, then the primary per family). */
function proxyNode(node: ClusterNode): ProxyNode {
  return {
    name: node.name,
    addresses: firstPerFamily(node.addresses),
    podCidrs: firstPerFamily(node.podCidrs),
    labels: node.labels,
    ...(node.zone !== undefined ? { zone: node.zone } : {}),
  };
}

function firstPerFamily(addresses: readonly string[]): string[] {
  const first4 = addresses.find((address) => !address.includes(":"));
  const first6 = addresses.find((address) => address.includes(":"));
  return [first4, first6].filter((address) => address !== undefined);
}
