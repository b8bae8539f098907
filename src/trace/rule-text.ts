/** A rule in the words of the tool that programs it. */

import { ruleText as iptablesRuleText } from "../ruleset/iptables-text-rule.ts";
import { ruleText as nftRuleText } from "../ruleset/nft-text-rule.ts";
import type { Rule, Table } from "../ruleset/types.ts";

const IPTABLES_TABLES: ReadonlySet<string> = new Set(["filter", "nat", "mangle", "raw", "security"]);
const IPTABLES_CHAINS: ReadonlySet<string> = new Set(["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]);

/** iptables has tables of its own in nftables; all others are nft's. */
export function ruleText(table: Table, chain: string, rule: Rule): string {
  const { family } = table;
  const isOne = (family === "ip" || family === "ip6") && isOfIptables(table);
  return isOne ? iptablesRuleText(chain, rule, family) : nftRuleText(rule);
}

function isOfIptables({ name, chains }: Table): boolean {
  if (!IPTABLES_TABLES.has(name)) return false;
  return chains.every((chain) => chain.base === undefined || IPTABLES_CHAINS.has(chain.name));
}
