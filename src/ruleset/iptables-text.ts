/** A ruleset as `iptables-save` or `ip6tables-save` (1.8.9, nf_tables) prints it, for `iptables-restore`. Without its comments. */

import { counterText, ruleText } from "./iptables-text-rule.ts";
import type { Chain, Ruleset, Table } from "./types.ts";

const NOTHING_MET = { packets: 0, bytes: 0 };

/** The tables of one family: each command knows its own only. */
export function iptablesText({ tables }: Ruleset, family: "ip" | "ip6"): string {
  return tables
    .filter((table) => table.family === family)
    .map((table) => tableText(table, family))
    .join("");
}

/** Built-in chains in the order of hooks, then the others by name; rules in the order of their chains. */
function tableText({ name, chains }: Table, family: "ip" | "ip6"): string {
  const builtIn = chains.filter(({ base }) => base !== undefined);
  const others = chains.filter(({ base }) => base === undefined).sort(byName);
  const lines = [`*${name}`];
  for (const chain of [...builtIn, ...others]) {
    lines.push(`:${chain.name} ${policyText(chain)} ${counterText(chain.base?.counter ?? NOTHING_MET)}`);
  }
  for (const chain of [...builtIn, ...others]) {
    for (const rule of chain.rules) lines.push(ruleText(chain.name, rule, family));
  }
  lines.push("COMMIT\n");
  return lines.join("\n");
}

function policyText({ base }: Chain): string {
  return base === undefined ? "-" : base.policy.toUpperCase();
}

function byName(a: Chain, b: Chain): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
