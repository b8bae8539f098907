/** A node's rules: what kube-proxy would program for a cluster. */

import { readProxyConfiguration } from "../manifest/proxy-configuration.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode, withInterfaces } from "../network/node.ts";
import type { NodeNetwork } from "../network/types.ts";
import { generateNftables } from "../proxy/nftables/ruleset.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import type { Ruleset as RulesetData } from "../ruleset/types.ts";
import { type ClusterSource, clusterFrom } from "./cluster.ts";
import { requireUsable } from "./errors.ts";

export type Ruleset = RulesetData;

export interface GenerateOptions {
  readonly node?: string;
  readonly network?: NodeNetwork;
  /** A KubeProxyConfiguration as text, or one that has been read. */
  readonly proxyConfiguration?: ProxyConfiguration | string;
}

export const Ruleset = {
  /** kube-proxy's rules in nftables mode, for one node. */
  generate(source: ClusterSource, options: GenerateOptions = {}): Ruleset {
    const cluster = clusterFrom(source);
    const { node, problems } = chooseNode(cluster, options.node);
    requireUsable(problems);
    const network = options.network ?? deriveNetwork(cluster, node.name);
    return generateNftables(cluster, withInterfaces(node, network), proxyConfigurationFrom(options.proxyConfiguration));
  },
};

export function proxyConfigurationFrom(source: ProxyConfiguration | string | undefined): ProxyConfiguration {
  if (source !== undefined && typeof source !== "string") return source;
  const read = readProxyConfiguration(source ?? "", "KubeProxyConfiguration");
  requireUsable(read.problems);
  return read.configuration;
}
