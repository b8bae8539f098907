/** What nf_tables checks of jumps before it takes a chain (nft_chain_validate): no circles, at most 16 levels. */

import type { Chain, SetReference, Table } from "../ruleset/types.ts";

/** NFT_JUMP_STACK_SIZE. */
const DEPTH_MAX = 16;

/** The chains from which jumps lead in a circle or deeper than the kernel allows. */
export function findTooDeep(table: Table): ReadonlySet<Chain> {
  const targets = targetsOf(table);
  const depths = new Map<Chain, number>();
  const tooDeep = new Set<Chain>();
  for (const chain of table.chains) {
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
      open.push(...next.filter((target) => !depths.has(target)));
      continue;
    }
    open.pop();
    let depth = 0;
    for (const target of next) depth = Math.max(depth, depths.get(target) ?? 0);
    depths.set(chain, depth + 1);
  }
  return depths.get(start) ?? 0;
}

function targetsOf(table: Table): ReadonlyMap<Chain, readonly Chain[]> {
  const byName = new Map(table.chains.map((chain) => [chain.name, chain]));
  const ofSet = new Map(table.sets.map((set) => [set.name, targetsOfElements(set.elements)]));
  const targets = new Map<Chain, Chain[]>();
  for (const chain of table.chains) {
    const names = new Set<string>();
    for (const { statements } of chain.rules) {
      for (const statement of statements) {
        if (statement.kind === "verdict" && "chain" in statement.verdict) names.add(statement.verdict.chain);
        if (statement.kind === "vmap") for (const name of targetsOfMap(statement.map, ofSet)) names.add(name);
      }
    }
    targets.set(
      chain,
      [...names].map((name) => byName.get(name)).filter((target) => target !== undefined),
    );
  }
  return targets;
}

function targetsOfMap(map: SetReference, ofSet: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return map.kind === "named" ? (ofSet.get(map.name) ?? []) : targetsOfElements(map.elements);
}

function targetsOfElements(elements: Table["sets"][number]["elements"]): readonly string[] {
  const names = new Set<string>();
  for (const { value } of elements) if (value !== undefined && "chain" in value) names.add(value.chain);
  return [...names];
}
