/** A node's rules: what kube-proxy would program for a cluster. */

import { readProxyConfiguration } from "../manifest/proxy-configuration.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode, withInterfaces } from "../network/node.ts";
import type { NodeNetwork } from "../network/types.ts";
import { generateRules, type RulesHistory } from "../proxy/generate.ts";
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
  /** kube-proxy's mode; default: the configuration's, else nftables. */
  readonly mode?: ProxyConfiguration["mode"];
}

export const Ruleset = {
  /** kube-proxy's rules for one node, in the mode that is asked for or configured. */
  generate(source: ClusterSource, options: GenerateOptions = {}): Ruleset {
    return generateFor(source, options);
  },
};

/** `history`: of earlier states of the cluster. */
export function generateFor(source: ClusterSource, options: GenerateOptions, history?: RulesHistory): Ruleset {
  const cluster = clusterFrom(source);
  const { node, problems } = chooseNode(cluster, options.node);
  requireUsable(problems);
  const network = options.network ?? deriveNetwork(cluster, node.name);
  const configuration = proxyConfigurationFrom(options.proxyConfiguration, options.mode);
  return generateRules(cluster, withInterfaces(node, network), configuration, history);
}

export function proxyConfigurationFrom(
  source: ProxyConfiguration | string | undefined,
  mode?: ProxyConfiguration["mode"],
): ProxyConfiguration {
  if (source !== undefined && typeof source !== "string") return mode === undefined ? source : { ...source, mode };
  const read = readProxyConfiguration(source ?? "", "KubeProxyConfiguration", mode);
  requireUsable(read.problems);
  return read.configuration;
}
