/** Rules that count: what reached which rule can then be compared, even where nothing comes out. */

import type { Rule, Ruleset, Statement } from "../../../../src/ruleset/types.ts";

/** What narrows down to which packets a rule applies; a counter has to stand behind it. */
const MATCHES: ReadonlySet<Statement["kind"]> = new Set(["match", "lookup", "statistic", "recent", "nfacct"]);

/** The ruleset with a counter in every rule, behind its matches: where iptables has one anyway. */
export function counted({ tables }: Ruleset): Ruleset {
  return {
    tables: tables.map((table) => ({
      ...table,
      chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.map(countedRule) })),
    })),
  };
}

function countedRule(rule: Rule): Rule {
  const first = rule.statements.findIndex(({ kind }) => !MATCHES.has(kind));
  const at = first < 0 ? rule.statements.length : first;
  return { ...rule, statements: rule.statements.toSpliced(at, 0, { kind: "counter" }) };
}
