/** kube-proxy's rules, in whichever mode it runs. */

import type { Cluster } from "../cluster/types.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { generateIptables } from "./iptables/ruleset.ts";
import { generateNftables } from "./nftables/ruleset.ts";
import type { ServiceParts } from "./nftables/service-part.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

/** The rules that kube-proxy would program on the node. `parts`: from earlier states of the cluster, for nftables mode. */
export function generateRules(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  parts?: ServiceParts,
): Ruleset {
  if (configuration.mode === "iptables") return generateIptables(cluster, node, configuration);
  return generateNftables(cluster, node, configuration, parts);
}
