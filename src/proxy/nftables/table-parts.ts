/** A table put together from its parts, again and again: what the last one has and has not changed is the same object. */

import type { Chain, NamedSet, Table } from "../../ruleset/types.ts";
import { ElementTables } from "./elements.ts";
import type { ServicePart } from "./service-part.ts";

/** What the table has whatever the Services are. */
export interface FixedParts {
  readonly chains: () => readonly Chain[];
  readonly sets: (elements: ElementTables) => readonly NamedSet[];
  readonly table: Omit<Table, "sets" | "chains">;
}

interface LastTable {
  readonly conditions: string;
  readonly parts: readonly ServicePart[];
  readonly elements: ElementTables;
  readonly fixedChains: readonly Chain[];
  readonly fixedSets: readonly NamedSet[];
  readonly table: Table;
}

export class TableParts {
  #last: LastTable | undefined;

  /** `conditions`: what the fixed parts depend on. */
  assemble(parts: readonly ServicePart[], conditions: string, fixed: FixedParts): Table {
    const last = this.#last?.conditions === conditions ? this.#last : undefined;
    if (last?.parts === parts) return last.table;
    const elements = last?.elements ?? new ElementTables();
    elements.update(parts);
    const fixedChains = last?.fixedChains ?? fixed.chains();
    const fixedSets = fixed.sets(elements).map((set, index) => {
      const known = last?.fixedSets[index];
      return known?.elements === set.elements ? known : set;
    });
    const table = {
      ...fixed.table,
      sets: [...fixedSets, ...joined(parts, ({ sets }) => sets)],
      chains: [...fixedChains, ...joined(parts, ({ chains }) => chains)],
    };
    this.#last = { conditions, parts, elements, fixedChains, fixedSets, table };
    return table;
  }
}

function joined<T>(parts: readonly ServicePart[], listOf: (part: ServicePart) => readonly T[]): T[] {
  const items: T[] = [];
  for (const part of parts) for (const item of listOf(part)) items.push(item);
  return items;
}
