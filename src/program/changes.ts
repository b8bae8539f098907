/** What of a table can be taken from the program before, and what is kept for the program after. */

import type { Chain, NamedSet } from "../ruleset/types.ts";
import type { KeptChain, KeptSet, KeptTable, Uses } from "./cache.ts";
import type { TableScope, UsedObject, UsedSet } from "./rule.ts";

export class TableChanges {
  readonly #kept: KeptTable;
  readonly #names: ReadonlySet<string>;
  /** Chains that the program before had and this one has not. */
  readonly #gone: ReadonlySet<string>;
  readonly #chains = new Map<Chain, KeptChain>();
  readonly #sets = new Map<string, KeptSet>();
  readonly #forms = new Map<string, string>();
  /** Sets that are gone or not of the form that they had: instructions depend on that. */
  #reformed: ReadonlySet<string> = new Set();

  constructor(kept: KeptTable, chains: ReadonlyMap<string, unknown>) {
    this.#kept = kept;
    this.#names = new Set(chains.keys());
    this.#gone = new Set([...kept.chainNames].filter((name) => !chains.has(name)));
  }

  /** The set as it was compiled before, if it has the same elements and can be used as it is. */
  knownSet(set: NamedSet): KeptSet | undefined {
    const known = this.#kept.sets.get(set.name);
    if (known === undefined || known.form !== declaredForm(set)) return undefined;
    const isSame =
      known.elements.length === set.elements.length &&
      known.elements.every((element, index) => element === set.elements[index]);
    return isSame && this.#isCurrent(known.uses) ? known : undefined;
  }

  keepSet(set: NamedSet, kept: KeptSet): void {
    this.#sets.set(set.name, kept);
  }

  addSet(set: NamedSet, { kind, key, states }: UsedSet): void {
    this.#forms.set(set.name, `${declaredForm(set)} ${kind} ${JSON.stringify([key, states])}`);
  }

  /** Instructions hold how an object is used; what it keeps stands where its label is. */
  addObject(name: string, { operation, options }: UsedObject): void {
    this.#forms.set(objectUse(name), `${operation} ${options}`);
  }

  /** To be called between sets and chains. */
  endSets(): void {
    const before = [...this.#kept.setForms];
    this.#reformed = new Set(before.flatMap(([name, form]) => (this.#forms.get(name) === form ? [] : [name])));
  }

  /** The chain as it was compiled before, if it is the same object and all that it names is still what it was. */
  knownChain(chain: Chain): KeptChain | undefined {
    const known = this.#kept.chains.get(chain);
    return known !== undefined && this.#isCurrent(known.uses) ? known : undefined;
  }

  keepChain(chain: Chain, kept: KeptChain): void {
    this.#chains.set(chain, kept);
  }

  /** Leaves what was kept for the program after. */
  end(): void {
    const kept = this.#kept;
    kept.chains = this.#chains;
    kept.sets = this.#sets;
    kept.chainNames = this.#names;
    kept.setForms = this.#forms;
    for (const name of this.#gone) kept.chainLabels.delete(name);
  }

  #isCurrent({ chains, sets }: Uses): boolean {
    return isApart(this.#gone, chains) && isApart(this.#reformed, sets);
  }
}

function isApart(few: ReadonlySet<string>, names: ReadonlySet<string>): boolean {
  for (const name of few) if (names.has(name)) return false;
  return true;
}

/** Key and value as the set declares them. */
export function declaredForm({ key, value, object }: NamedSet): string {
  return `${key.join(" . ")} : ${value ?? ""} ${object ?? ""}`;
}

/** Among the names of sets, which have no spaces. */
function objectUse(name: string): string {
  return `object ${name}`;
}

/** The scope, with a record of the names that are asked of it. */
export function recordUses(scope: TableScope): { readonly uses: Uses; readonly scope: TableScope } {
  const uses = { chains: new Set<string>(), sets: new Set<string>(), lists: new Set<string>() };
  return {
    uses,
    scope: {
      ...scope,
      chain: (name) => {
        uses.chains.add(name);
        return scope.chain(name);
      },
      set: (name) => {
        uses.sets.add(name);
        return scope.set(name);
      },
      object: (kind, name) => {
        uses.sets.add(objectUse(`${kind} ${name}`));
        return scope.object(kind, name);
      },
      recentList: (name) => {
        uses.lists.add(name);
        return scope.recentList(name);
      },
    },
  };
}
