/** What nf_tables checks of jumps before it takes a chain (nft_chain_validate): no circles, at most 16 levels. */

import type { Chain, Element, ServiceLookup, Table } from "../ruleset/types.ts";
import { plainStatements } from "../ruleset/xt.ts";

/** NFT_JUMP_STACK_SIZE. */
const DEPTH_MAX = 16;

/** Where a chain's rules lead by themselves, and the named maps that lead further. */
interface Leads {
  readonly chains: readonly string[];
  readonly maps: readonly string[];
}

const NOWHERE: Leads = { chains: [], maps: [] };

/** What a table has that the table before had not. */
export interface JumpChanges {
  readonly chains: readonly Chain[];
  /** Names of chains that were not there. */
  readonly newNames: ReadonlySet<string>;
  /** Elements by the name of their set. */
  readonly elements: ReadonlyMap<string, readonly Element[]>;
}

/**
 * How many levels of chains there are from each chain on, from one state of a table to the next. What is known may be
 * too much where jumps have gone; as soon as something becomes deeper than was known, all are counted anew.
 */
export class JumpDepths {
  /** Of chains that lead to others, all others have one level; and of what maps lead to. */
  readonly #chains = new Map<string, number>();
  readonly #maps = new Map<string, number>();
  #isKnown = false;

  /** The chains from which jumps lead in a circle or deeper than the kernel allows. */
  findTooDeep(table: Table, changes: JumpChanges): ReadonlySet<Chain> {
    return this.#isKnown && this.#isNoDeeper(changes) ? new Set() : this.#countAll(table);
  }

  /** To be called when a chain is not in the program as it is in the table. */
  forget(): void {
    this.#isKnown = false;
  }

  #isNoDeeper({ chains, newNames, elements }: JumpChanges): boolean {
    const leads = new Map(chains.map((chain) => [chain.name, leadsOf(chain)]));
    const newLeads = new Map([...leads].filter(([name]) => newNames.has(name)));
    for (const name of newNames) this.#chains.delete(name);
    for (const [name, to] of leads) {
      const isNew = newNames.has(name);
      const depth = isNew ? this.#depthFrom(name, newLeads, 0) : this.#depthOf(to, newLeads, 0);
      if (depth > (isNew ? DEPTH_MAX : (this.#chains.get(name) ?? 1))) return false;
    }
    for (const [name, added] of elements) {
      const depth = this.#maps.get(name) ?? 0;
      if (targetsOfElements(added).some((target) => this.#depthFrom(target, newLeads, 0) > depth)) return false;
    }
    return true;
  }

  /** Levels from a chain on, of new chains by where they lead; `steps`: how many were walked to get there. */
  #depthFrom(name: string, newLeads: ReadonlyMap<string, Leads>, steps: number): number {
    const known = this.#chains.get(name);
    const leads = newLeads.get(name);
    if (known !== undefined || leads === undefined) return known ?? 1;
    if (steps > DEPTH_MAX) return Number.POSITIVE_INFINITY;
    const depth = this.#depthOf(leads, newLeads, steps + 1);
    if (depth > 1) this.#chains.set(name, depth);
    return depth;
  }

  #depthOf({ chains, maps }: Leads, newLeads: ReadonlyMap<string, Leads>, steps: number): number {
    let depth = 0;
    for (const name of chains) depth = Math.max(depth, this.#depthFrom(name, newLeads, steps));
    for (const name of maps) depth = Math.max(depth, this.#maps.get(name) ?? 0);
    return depth + 1;
  }

  #countAll(table: Table): ReadonlySet<Chain> {
    const targets = targetsOf(table);
    const depths = new Map<Chain, number>();
    const tooDeep = new Set<Chain>();
    for (const chain of targets.keys()) {
      if (depthOf(chain, targets, depths) > DEPTH_MAX) tooDeep.add(chain);
    }
    this.#chains.clear();
    this.#maps.clear();
    for (const [{ name }, depth] of depths) this.#chains.set(name, depth);
    for (const { name, elements } of table.sets) {
      const levels = targetsOfElements(elements).map((target) => this.#chains.get(target) ?? 1);
      if (levels.length > 0)
        this.#maps.set(
          name,
          levels.reduce((most, level) => Math.max(most, level)),
        );
    }
    this.#isKnown = tooDeep.size === 0;
    return tooDeep;
  }
}

/** Levels of chains from this one on; infinite for a circle. Walks with a stack of its own: chains may be many. */
function depthOf(start: Chain, targets: ReadonlyMap<Chain, readonly Chain[]>, depths: Map<Chain, number>): number {
  const open = [start];
  while (open.length > 0) {
    const chain = open[open.length - 1] as Chain;
    const next = targets.get(chain) ?? [];
    if (!depths.has(chain)) {
      depths.set(chain, Number.POSITIVE_INFINITY);
      for (const target of next) if (targets.has(target) && !depths.has(target)) open.push(target);
      continue;
    }
    open.pop();
    let depth = 0;
    for (const target of next) depth = Math.max(depth, depths.get(target) ?? 1);
    depths.set(chain, depth + 1);
  }
  return depths.get(start) ?? 0;
}

/** Of chains that lead to others. */
function targetsOf(table: Table): ReadonlyMap<Chain, readonly Chain[]> {
  const byName = new Map(table.chains.map((chain) => [chain.name, chain]));
  const maps = new Map(table.sets.map((set) => [set.name, set]));
  const targets = new Map<Chain, Chain[]>();
  for (const chain of table.chains) {
    const leads = leadsOf(chain);
    if (leads === NOWHERE) continue;
    const ofMaps = leads.maps.flatMap((name) => targetsOfElements(maps.get(name)?.elements ?? []));
    const names = new Set([...leads.chains, ...ofMaps]);
    targets.set(
      chain,
      [...names].map((name) => byName.get(name)).filter((target) => target !== undefined),
    );
  }
  return targets;
}

function leadsOf({ rules }: Chain): Leads {
  const chains: string[] = [];
  const maps: string[] = [];
  for (const { statements } of rules) {
    for (const statement of plainStatements(statements)) {
      if (statement.kind === "verdict" && "chain" in statement.verdict) chains.push(statement.verdict.chain);
      if (statement.kind === "service") maps.push(...verdictMapsOf(statement));
      if (statement.kind !== "vmap") continue;
      if (statement.map.kind === "named") maps.push(statement.map.name);
      else chains.push(...targetsOfElements(statement.map.elements));
    }
  }
  return chains.length + maps.length === 0 ? NOWHERE : { chains, maps };
}

function verdictMapsOf(lookup: ServiceLookup): readonly string[] {
  if (lookup.question === "destination") return [lookup.addresses, lookup.nodePorts];
  return lookup.question === "refusal" ? [lookup.nowhere] : [];
}

function targetsOfElements(elements: readonly Element[]): readonly string[] {
  const names = new Set<string>();
  for (const { value } of elements) if (value !== undefined && "chain" in value) names.add(value.chain);
  return [...names];
}
