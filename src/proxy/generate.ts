/** kube-proxy's rules, in whichever mode it runs, or those that do the same in sluice's own way. */

import type { Cluster } from "../cluster/types.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { generateDirect } from "./direct/ruleset.ts";
import { generateIptables } from "./iptables/ruleset.ts";
import { ServiceParts as IptablesParts } from "./iptables/service-part.ts";
import { generateNftables } from "./nftables/ruleset.ts";
import { ServiceParts as NftablesParts } from "./nftables/service-part.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

/** What a node's rules have of the states of its cluster before. */
export class RulesHistory {
  readonly nftables = new NftablesParts();
  readonly iptables = new IptablesParts();
  readonly direct = new NftablesParts();
}

/** The rules that kube-proxy would program on the node. `history`: of earlier states of the cluster. */
export function generateRules(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  history: RulesHistory = new RulesHistory(),
): Ruleset {
  if (configuration.mode === "iptables") return generateIptables(cluster, node, configuration, history.iptables);
  if (configuration.mode === "direct") return generateDirect(cluster, node, configuration, history.direct);
  return generateNftables(cluster, node, configuration, history.nftables);
}
