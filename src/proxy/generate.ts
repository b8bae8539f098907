/** kube-proxy's rules, in whichever mode it runs. */

import type { Cluster } from "../cluster/types.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { generateIptables } from "./iptables/ruleset.ts";
import { generateNftables } from "./nftables/ruleset.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

/** The rules that kube-proxy would program on the node. */
export function generateRules(cluster: Cluster, node: ProxyNode, configuration: ProxyConfiguration): Ruleset {
  const generate = configuration.mode === "iptables" ? generateIptables : generateNftables;
  return generate(cluster, node, configuration);
}
