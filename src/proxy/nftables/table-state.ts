/** What a table holds, asked by name and by key: the two sides of a transaction. */

import { elementText, ruleText } from "../../ruleset/nft-text-rule.ts";
import type { Chain, DataType, Element, NamedSet } from "../../ruleset/types.ts";

export class TableState {
  readonly sets: readonly NamedSet[];
  readonly chains: readonly Chain[];
  readonly #sets: ReadonlyMap<string, NamedSet>;
  readonly #chains: ReadonlyMap<string, Chain>;
  /** Set name → text of the key → text of the whole element. */
  readonly #elements: ReadonlyMap<string, ReadonlyMap<string, string>>;

  constructor(sets: readonly NamedSet[], chains: readonly Chain[]) {
    this.sets = sets;
    this.chains = chains;
    this.#sets = new Map(sets.map((set) => [set.name, set]));
    this.#chains = new Map(chains.map((chain) => [chain.name, chain]));
    this.#elements = new Map(sets.map((set) => [set.name, elementsOf(set)]));
  }

  hasChain(name: string): boolean {
    return this.#chains.has(name);
  }

  /** There is one of that name with the same rules. */
  holdsChain(chain: Chain): boolean {
    const own = this.#chains.get(chain.name);
    if (own === chain) return true;
    return own !== undefined && own.rules.map(ruleText).join("\n") === chain.rules.map(ruleText).join("\n");
  }

  hasSet(name: string): boolean {
    return this.#sets.has(name);
  }

  /** There is one of that name that takes the same elements. */
  holdsSet(set: NamedSet): boolean {
    const own = this.#sets.get(set.name);
    return own !== undefined && own.timeoutSeconds === set.timeoutSeconds && own.size === set.size;
  }

  hasKey(set: NamedSet, element: Element): boolean {
    return this.#elements.get(set.name)?.has(keyText(set, element)) ?? false;
  }

  /** The element with its value; a comment does not tell two apart. */
  holdsElement(set: NamedSet, element: Element): boolean {
    return this.#elements.get(set.name)?.get(keyText(set, element)) === valueText(set, element);
  }
}

function elementsOf(set: NamedSet): Map<string, string> {
  return new Map(set.elements.map((element) => [keyText(set, element), valueText(set, element)]));
}

function keyText(set: NamedSet, { key }: Element): string {
  return elementText({ key }, set.key, []);
}

function valueText({ key, value }: NamedSet, element: Element): string {
  const values: readonly DataType[] = value === undefined || value === "verdict" ? [] : value;
  return elementText(
    { key: element.key, ...(element.value === undefined ? {} : { value: element.value }) },
    key,
    values,
  );
}
