/** The node whose rules are written, taken from the cluster. */

import type { Cluster } from "../cluster/types.ts";
import { IP_FAMILIES, ofFamily } from "./family.ts";
import type { ProxyNode } from "./types.ts";

/** The node of that name, with the first address of each family as its own (GetNodeHostIPs in component-helpers). */
export function proxyNode(cluster: Cluster, name: string): ProxyNode | undefined {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return undefined;
  return {
    name,
    addresses: IP_FAMILIES.flatMap((family) => ofFamily(node.addresses, family).slice(0, 1)),
    interfaceAddresses: node.addresses,
    podCidrs: node.podCidrs,
    labels: node.labels,
    ...(node.zone === undefined ? {} : { zone: node.zone }),
  };
}
