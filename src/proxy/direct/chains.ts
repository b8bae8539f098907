/** The base chains of mode direct, at kube-proxy's hooks and priorities, and the few chains that they lead to. */

import { prefixOf } from "../../network/prefix.ts";
import { mergePrefixes } from "../../ruleset/intervals.ts";
import type { Chain, Rule, ServiceLookup } from "../../ruleset/types.ts";
import * as names from "../nftables/names.ts";
import { baseChains, fixedChains, markRules, type TableOptions } from "../nftables/table.ts";
import * as st from "../statements.ts";

/** Base chains whose rules are these instead of nftables mode's; the others are rarely met, and the same. */
type Replaced = Readonly<Record<string, (options: TableOptions) => readonly Rule[]>>;

const REPLACED: Replaced = {
  "filter-forward": refusalRules,
  "filter-output": refusalRules,
  "nat-prerouting": destinationRules,
  "nat-output": destinationRules,
  "nat-postrouting": sourceRules,
};

/** Chains that the replaced rules do not need. */
const UNUSED: readonly string[] = [names.SERVICES_CHAIN, names.MASQUERADING_CHAIN, names.CLUSTER_IPS_CHECK_CHAIN];

export function directChains(options: TableOptions): readonly Chain[] {
  const base = baseChains().map((chain) => {
    const rules = REPLACED[chain.name];
    return rules === undefined ? chain : { ...chain, rules: rules(options) };
  });
  return [...base, ...fixedChains(options).filter(({ name }) => !UNUSED.includes(name))];
}

function destinationRules(options: TableOptions): Rule[] {
  const lookup: ServiceLookup = {
    kind: "service",
    question: "destination",
    addresses: names.SERVICE_IPS_MAP,
    nodePorts: names.SERVICE_NODE_PORTS_MAP,
    ...(options.nodePortAddresses === "all" ? {} : { nodeAddresses: names.NODE_PORT_IPS_SET }),
  };
  // The source first: most packets to ClusterIPs come from pods.
  return [...markRules(options, true), st.rule([lookup])];
}

function refusalRules({ serviceCidrs }: TableOptions): Rule[] {
  const lookup: ServiceLookup = {
    kind: "service",
    question: "refusal",
    nowhere: names.NO_ENDPOINT_SERVICES_MAP,
    clusterIps: names.CLUSTER_IPS_SET,
    rejectChain: names.REJECT_CHAIN,
    serviceCidrs: mergePrefixes(serviceCidrs.map(prefixOf)),
  };
  return [st.rule([st.NEW_CONNECTION, lookup])];
}

function sourceRules({ masqueradeMark }: TableOptions): Rule[] {
  const lookup: ServiceLookup = {
    kind: "service",
    question: "source",
    mark: masqueradeMark,
    hairpins: names.HAIRPIN_SET,
  };
  return [st.rule([lookup, st.MASQUERADE])];
}
