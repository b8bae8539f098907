/** What nf_tables checks of jumps before it takes a chain (nft_chain_validate): no circles, at most 16 levels. */

import type { Chain, Table } from "../ruleset/types.ts";
import { plainStatements } from "../ruleset/xt.ts";

/** NFT_JUMP_STACK_SIZE. */
const DEPTH_MAX = 16;

/** Where a chain's rules lead by themselves, and the named maps that lead further. */
interface Leads {
  readonly chains: readonly string[];
  readonly maps: readonly string[];
}

const NOWHERE: Leads = { chains: [], maps: [] };
/** Chains are data that nobody changes, and most of a ruleset's are those of the one before. */
const knownLeads = new WeakMap<Chain, Leads>();

/** The chains from which jumps lead in a circle or deeper than the kernel allows. */
export function findTooDeep(table: Table): ReadonlySet<Chain> {
  const targets = targetsOf(table);
  const depths = new Map<Chain, number>();
  const tooDeep = new Set<Chain>();
  for (const chain of targets.keys()) {
    if (depthOf(chain, targets, depths) > DEPTH_MAX) tooDeep.add(chain);
  }
  return tooDeep;
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

function leadsOf(chain: Chain): Leads {
  let leads = knownLeads.get(chain);
  if (leads === undefined) {
    leads = findLeads(chain);
    knownLeads.set(chain, leads);
  }
  return leads;
}

function findLeads({ rules }: Chain): Leads {
  const chains: string[] = [];
  const maps: string[] = [];
  for (const { statements } of rules) {
    for (const statement of plainStatements(statements)) {
      if (statement.kind === "verdict" && "chain" in statement.verdict) chains.push(statement.verdict.chain);
      if (statement.kind !== "vmap") continue;
      if (statement.map.kind === "named") maps.push(statement.map.name);
      else chains.push(...targetsOfElements(statement.map.elements));
    }
  }
  return chains.length + maps.length === 0 ? NOWHERE : { chains, maps };
}

function targetsOfElements(elements: Table["sets"][number]["elements"]): readonly string[] {
  const names = new Set<string>();
  for (const { value } of elements) if (value !== undefined && "chain" in value) names.add(value.chain);
  return [...names];
}
