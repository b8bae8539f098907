/** The rules of one table by chain, while the service ports are walked: many of them add to the same chains. */

import type { Chain, Rule } from "../../ruleset/types.ts";

export class ChainRules {
  readonly #chains = new Map<string, Rule[]>();

  /** Chains that are there even without rules. */
  constructor(names: readonly string[]) {
    for (const name of names) this.#chains.set(name, []);
  }

  append(chain: string, rule: Rule): void {
    const rules = this.#chains.get(chain);
    if (rules === undefined) this.#chains.set(chain, [rule]);
    else rules.push(rule);
  }

  chains(): Chain[] {
    return Array.from(this.#chains, ([name, rules]) => ({ name, rules }));
  }
}

/** The tables to which service ports add rules. */
export interface Tables {
  readonly filter: ChainRules;
  readonly nat: ChainRules;
}
