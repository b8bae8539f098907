/** A table put together from its parts, again and again: what the last one has and has not changed is the same object. */

import type { Chain, NamedSet, Table } from "../../ruleset/types.ts";
import { JoinedList, partChanges } from "../joined-list.ts";
import { ElementTables } from "./elements.ts";
import type { ServicePart } from "./service-part.ts";

/** What the table has whatever the Services are. */
export interface FixedParts {
  readonly chains: () => readonly Chain[];
  readonly sets: (elements: ElementTables) => readonly NamedSet[];
  readonly table: Omit<Table, "sets" | "chains">;
}

/** What a table was put together from. */
interface LastTable {
  readonly conditions: string;
  readonly parts: readonly ServicePart[];
  readonly elements: ElementTables;
  readonly fixedChains: readonly Chain[];
  readonly fixedSets: readonly NamedSet[];
  readonly ownChains: JoinedList<ServicePart, Chain>;
  readonly ownSets: JoinedList<ServicePart, NamedSet>;
  readonly table?: Table;
}

export class TableParts {
  #last: LastTable | undefined;

  /** `conditions`: what the fixed parts depend on. */
  assemble(parts: readonly ServicePart[], conditions: string, fixed: FixedParts): Table {
    const last = this.#last?.conditions === conditions ? this.#last : firstTable(conditions, fixed);
    if (last.table !== undefined && last.parts === parts) return last.table;
    const changes = partChanges(last.parts, parts);
    last.elements.update(changes);
    const fixedSets = fixed.sets(last.elements).map((set, index) => {
      const known = last.fixedSets[index];
      return known?.elements === set.elements ? known : set;
    });
    const table = {
      ...fixed.table,
      sets: fixedSets.concat(last.ownSets.update(changes)),
      chains: last.fixedChains.concat(last.ownChains.update(changes)),
    };
    this.#last = { ...last, parts, fixedSets, table };
    return table;
  }
}

function firstTable(conditions: string, { chains }: FixedParts): LastTable {
  return {
    conditions,
    parts: [],
    elements: new ElementTables(),
    fixedChains: chains(),
    fixedSets: [],
    ownChains: new JoinedList((part) => part.chains),
    ownSets: new JoinedList((part) => part.sets),
  };
}
