/** The chains of one table while the service ports are walked: to some all of them add rules, others belong to one. */

import type { Chain, Rule } from "../../ruleset/types.ts";

export class ChainRules {
  readonly #shared = new Map<string, Rule[]>();
  readonly #own: Chain[] = [];

  /** The chains that service ports share; they are there even without rules. */
  constructor(shared: readonly string[]) {
    for (const name of shared) this.#shared.set(name, []);
  }

  /** Adds a rule to a shared chain. */
  append(chain: string, rule: Rule): void {
    this.#shared.get(chain)!.push(rule);
  }

  put(name: string, rules: readonly Rule[]): void {
    this.#own.push({ name, rules });
  }

  /** The shared chains that have rules. */
  shared(): Chain[] {
    return this.chains().filter(({ rules }) => rules.length > 0);
  }

  own(): readonly Chain[] {
    return this.#own;
  }

  /** The shared chains. */
  chains(): Chain[] {
    return Array.from(this.#shared, ([name, rules]) => ({ name, rules }));
  }
}

/** The tables to which service ports add rules. */
export interface Tables {
  readonly filter: ChainRules;
  readonly nat: ChainRules;
}
