/** What one Service adds to the tables of iptables mode, and tables put together from that again and again. */

import type { IpFamily } from "../../cluster/types.ts";
import type { Chain, Rule, Table } from "../../ruleset/types.ts";
import { KeptParts, shareObjects } from "../kept-parts.ts";

export interface ServicePart {
  /** Rules of chains that Services share, by table. */
  readonly filter: readonly Chain[];
  readonly nat: readonly Chain[];
  /** The Service's own chains in the nat table. */
  readonly own: readonly Chain[];
}

/** What a table has whatever the Services are. */
export interface FixedTable {
  readonly table: Omit<Table, "sets" | "chains">;
  readonly bases: readonly Chain[];
  /** Chains that Services share, with the rules that come before theirs. */
  readonly shared: readonly Chain[];
  /** Rules of shared chains that come behind those of Services. */
  readonly last: ReadonlyMap<string, readonly Rule[]>;
}

/** What iptables rules have of the states of a cluster before. */
export class ServiceParts {
  readonly kept = new KeptParts<ServicePart>(sharing);
  /** How many endpoints each Service has. */
  readonly endpointCounts = new KeptParts<number>((made) => made);
  readonly tables: Record<IpFamily, KeptTables> = { IPv4: new KeptTables(), IPv6: new KeptTables() };
}

/** The tables of one family, with the objects of the last ones where they say the same. */
export class KeptTables {
  #conditions = "";
  #parts: readonly ServicePart[] = [];
  #tables: readonly Table[] = [];
  #fixed: readonly FixedTable[] = [];

  /** `conditions`: what the fixed tables depend on. */
  assemble(parts: readonly ServicePart[], conditions: string, fixed: () => readonly FixedTable[]): readonly Table[] {
    const isSame = conditions === this.#conditions;
    if (isSame && parts === this.#parts) return this.#tables;
    const last = isSame ? this.#tables : [];
    if (!isSame) this.#fixed = fixed();
    this.#tables = this.#fixed.map((table, index) => assembleTable(table, parts, last[index]));
    this.#conditions = conditions;
    this.#parts = parts;
    return this.#tables;
  }
}

function assembleTable(fixed: FixedTable, parts: readonly ServicePart[], last: Table | undefined): Table {
  const { name } = fixed.table;
  const rules = new Map(fixed.shared.map((chain) => [chain.name, [...chain.rules]]));
  const own: Chain[] = [];
  for (const part of parts) {
    const shared = name === "filter" ? part.filter : name === "nat" ? part.nat : [];
    for (const chain of shared) for (const rule of chain.rules) rules.get(chain.name)!.push(rule);
    if (name === "nat") for (const chain of part.own) own.push(chain);
  }
  const shared = fixed.shared.map((chain, index) => {
    const known = last?.chains[fixed.bases.length + index];
    const now = [...rules.get(chain.name)!, ...(fixed.last.get(chain.name) ?? [])];
    return known !== undefined && isSameList(known.rules, now) ? known : { name: chain.name, rules: now };
  });
  const chains = [...fixed.bases, ...shared, ...own];
  return last !== undefined && isSameList(last.chains, chains) ? last : { ...fixed.table, sets: [], chains };
}

function sharing(made: ServicePart, old: ServicePart): ServicePart {
  return {
    filter: shareObjects(made.filter, old.filter),
    nat: shareObjects(made.nat, old.nat),
    own: shareObjects(made.own, old.own),
  };
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
