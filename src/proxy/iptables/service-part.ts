/** What one Service adds to the tables of iptables mode, and tables put together from that again and again. */

import type { IpFamily } from "../../cluster/types.ts";
import type { Chain, Rule, Table } from "../../ruleset/types.ts";
import { JoinedList, type PartChanges, partChanges } from "../joined-list.ts";
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
  #joined: readonly JoinedTable[] = [];
  #tables: readonly Table[] = [];

  /** `conditions`: what the fixed tables depend on. */
  assemble(parts: readonly ServicePart[], conditions: string, fixed: () => readonly FixedTable[]): readonly Table[] {
    if (conditions !== this.#conditions) {
      this.#joined = fixed().map((table) => new JoinedTable(table));
      this.#parts = [];
      this.#conditions = conditions;
    } else if (parts === this.#parts) {
      return this.#tables;
    }
    const changes = partChanges(this.#parts, parts);
    this.#tables = this.#joined.map((table) => table.update(changes));
    this.#parts = parts;
    return this.#tables;
  }
}

/** A table, put together from what is fixed and what Services add to it. */
class JoinedTable {
  readonly #fixed: FixedTable;
  readonly #shared: readonly SharedChain[];
  readonly #own: JoinedList<ServicePart, Chain>;
  /** Behind the base chains. */
  #chains: { readonly shared: readonly Chain[]; readonly own: readonly Chain[] } = { shared: [], own: [] };
  #table: Table | undefined;

  constructor(fixed: FixedTable) {
    this.#fixed = fixed;
    this.#shared = fixed.shared.map((chain) => new SharedChain(fixed, chain));
    this.#own = new JoinedList((part) => (fixed.table.name === "nat" ? part.own : []));
  }

  /** The table with the parts that there are now: the same object, if nothing in it has changed. */
  update(changes: PartChanges<ServicePart>): Table {
    const now = { shared: this.#shared.map((chain) => chain.update(changes)), own: this.#own.update(changes) };
    const { shared, own } = this.#chains;
    const isSame = now.own === own && now.shared.every((chain, index) => chain === shared[index]);
    if (this.#table !== undefined && isSame) return this.#table;
    this.#chains = now;
    const { table, bases } = this.#fixed;
    this.#table = { ...table, sets: [], chains: bases.concat(now.shared, now.own) };
    return this.#table;
  }
}

/** A chain to which Services add rules. */
class SharedChain {
  readonly #name: string;
  readonly #first: readonly Rule[];
  readonly #last: readonly Rule[];
  readonly #joined: JoinedList<ServicePart, Rule>;
  #rules: readonly Rule[] | undefined;
  #chain: Chain;

  constructor({ table, last }: FixedTable, { name, rules }: Chain) {
    const listOf = ({ filter, nat }: ServicePart): readonly Chain[] => (table.name === "filter" ? filter : nat);
    this.#name = name;
    this.#first = rules;
    this.#last = last.get(name) ?? [];
    this.#joined = new JoinedList((part) => listOf(part).find((chain) => chain.name === name)?.rules ?? []);
    this.#chain = { name, rules };
  }

  update(changes: PartChanges<ServicePart>): Chain {
    const rules = this.#joined.update(changes);
    if (rules === this.#rules) return this.#chain;
    this.#rules = rules;
    this.#chain = { name: this.#name, rules: this.#first.concat(rules, this.#last) };
    return this.#chain;
  }
}

function sharing(made: ServicePart, old: ServicePart): ServicePart {
  return {
    filter: shareObjects(made.filter, old.filter),
    nat: shareObjects(made.nat, old.nat),
    own: shareObjects(made.own, old.own),
  };
}
