/** A node's rules: what kube-proxy would program for a cluster, or what was listed on a node. */

import { readProxyConfiguration } from "../manifest/proxy-configuration.ts";
import type { Problem } from "../manifest/types.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode, withInterfaces } from "../network/node.ts";
import type { NodeNetwork } from "../network/types.ts";
import { generateRules, type RulesHistory } from "../proxy/generate.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import { readIpSets } from "../ruleset/ipset.ts";
import { isIptablesSave, readIptablesSave } from "../ruleset/iptables-save.ts";
import { isNftJson, readNftJson } from "../ruleset/nft-json.ts";
import type { Ruleset as RulesetData } from "../ruleset/types.ts";
import { type ClusterSource, clusterFrom } from "./cluster.ts";
import { requireUsable } from "./errors.ts";

export type Ruleset = RulesetData;

export interface GenerateOptions {
  readonly node?: string;
  readonly network?: NodeNetwork;
  /** A KubeProxyConfiguration as text, or one that has been read. */
  readonly proxyConfiguration?: ProxyConfiguration | string;
  /** kube-proxy's mode, or "direct"; default: the configuration's, else nftables. */
  readonly mode?: ProxyConfiguration["mode"];
  /** Mode direct: how endpoints are chosen; default: the configuration's, else random. */
  readonly scheduler?: ProxyConfiguration["scheduler"];
}

export interface ParseOptions {
  /** Names the text in messages. */
  readonly fileName?: string;
  /** Which command printed iptables' rules; absent: as their comments and addresses say. */
  readonly family?: "ip" | "ip6";
  /** iptables' matches and targets that are not supported: an error, or ignored. */
  readonly unsupported?: "error" | "ignore";
  /** The sets that iptables' rules name, as `ipset save` prints them. */
  readonly ipset?: string;
}

export const Ruleset = {
  /** kube-proxy's rules for one node, in the mode that is asked for or configured. */
  generate(source: ClusterSource, options: GenerateOptions = {}): Ruleset {
    return generateFor(source, options);
  },

  /** Rules as `nft -j list ruleset`, `iptables-save` or `ip6tables-save` prints them. */
  parse(text: string, options: ParseOptions = {}): Ruleset {
    const { ruleset, problems } = parseRules(text, options);
    requireUsable(problems);
    return ruleset;
  },
};

function parseRules(
  text: string,
  { fileName = "rules", family, unsupported, ipset }: ParseOptions,
): { readonly ruleset: Ruleset; readonly problems: readonly Problem[] } {
  if (isNftJson(text)) return readNftJson(text, fileName);
  if (!isIptablesSave(text)) {
    const message = `${fileName}: rules in a format that is not read`;
    const remedy = "`iptables-save` and `nft -j list ruleset` print those that are";
    return { ruleset: { tables: [] }, problems: [{ severity: "error", message, remedy }] };
  }
  const named = ipset === undefined ? undefined : readIpSets(ipset, "ipset");
  const rules = readIptablesSave(text, {
    file: fileName,
    ...(family && { family }),
    ...(unsupported && { unsupported }),
    ...(named && { sets: named.sets }),
  });
  return { ruleset: rules.ruleset, problems: [...(named?.problems ?? []), ...rules.problems] };
}

/** `history`: of earlier states of the cluster. */
export function generateFor(source: ClusterSource, options: GenerateOptions, history?: RulesHistory): Ruleset {
  const cluster = clusterFrom(source);
  const { node, problems } = chooseNode(cluster, options.node);
  requireUsable(problems);
  const network = options.network ?? deriveNetwork(cluster, node.name);
  const { scheduler } = options;
  const configured = proxyConfigurationFrom(options.proxyConfiguration, options.mode);
  const configuration = scheduler === undefined ? configured : { ...configured, scheduler };
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
