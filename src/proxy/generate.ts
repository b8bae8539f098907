/** kube-proxy's rules, in whichever mode it runs. */

import type { Cluster } from "../cluster/types.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { generateIptables } from "./iptables/ruleset.ts";
import { ServiceParts as IptablesParts } from "./iptables/service-part.ts";
import { generateNftables } from "./nftables/ruleset.ts";
import { ServiceParts as NftablesParts } from "./nftables/service-part.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

/** What a node's rules have of the states of its cluster before. */
export class RulesHistory {
  readonly nftables = new NftablesParts();
  readonly iptables = new IptablesParts();
}

/** The rules that kube-proxy would program on the node. `history`: of earlier states of the cluster. */
export function generateRules(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  history: RulesHistory = new RulesHistory(),
): Ruleset {
  if (configuration.mode === "iptables") return generateIptables(cluster, node, configuration, history.iptables);
  return generateNftables(cluster, node, configuration, history.nftables);
}
