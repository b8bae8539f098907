/**
 * One sync of kube-proxy in nftables mode: the commands that take the kernel from the rules of one state of the cluster
 * to those of another, in kube-proxy's order (pkg/proxy/nftables/proxier.go, syncProxyRules).
 *
 * A chain that a map has pointed to cannot be deleted in the transaction that deletes the element: kernels before 6.2 hold
 * it for a moment longer. So a sync empties what is no longer used, and the next one deletes it first of all.
 */

import { type TableCommands, tableCommands } from "../../ruleset/nft-commands.ts";
import type { Chain, Ruleset, Table } from "../../ruleset/types.ts";
import { groupsOf, isServiceChain, type ServiceGroup } from "./service-groups.ts";
import { TableState } from "./table-state.ts";

export interface Transaction {
  readonly commands: readonly string[];
  /** What the kernel holds afterwards: the new rules, and chains that the next sync will delete. */
  readonly standing: Ruleset;
}

/** `before`: what the kernel holds. A table that it does not hold is made anew; others than kube-proxy's are not touched. */
export function nftablesTransaction(before: Ruleset, after: Ruleset): Transaction {
  const syncs = after.tables.map((table) => syncTable(tableLike(before, table), table));
  return {
    commands: syncs.flatMap(({ commands }) => commands),
    standing: { tables: syncs.map(({ standing }) => standing) },
  };
}

export function transactionText({ commands }: Transaction): string {
  return commands.map((command) => `${command}\n`).join("");
}

function tableLike({ tables }: Ruleset, { family, name }: Table): Table | undefined {
  return tables.find((table) => table.family === family && table.name === name);
}

function syncTable(before: Table | undefined, after: Table): { commands: string[]; standing: Table } {
  const nft = tableCommands(after);
  const deleted = before?.chains.filter(isEmptied) ?? [];
  const held = new TableState(before?.sets ?? [], before?.chains.filter((chain) => !isEmptied(chain)) ?? []);
  const wanted = new TableState(after.sets, after.chains);
  const stale = held.chains.filter(({ name }) => !wanted.hasChain(name));
  const commands = [
    ...deleted.map(nft.deleteChain),
    ...(before === undefined ? [nft.addTable()] : []),
    ...groupsOf(after).flatMap((group) => groupCommands(nft, held, group)),
    ...stale.map(nft.flushChain),
    ...held.sets.filter(({ name }) => !wanted.hasSet(name)).map(nft.deleteSet),
    ...leftoverElements(nft, held, wanted),
  ];
  const emptied = stale.map((chain) => ({ ...chain, rules: [] }));
  return { commands, standing: { ...after, chains: [...after.chains, ...emptied] } };
}

/** Left by an earlier sync: a service port's chain that is in use has rules. */
function isEmptied(chain: Chain): boolean {
  return isServiceChain(chain) && chain.rules.length === 0;
}

/** All chains of a Service are written again when one of them changes. Rules come last: they name what came before. */
function groupCommands(nft: TableCommands, held: TableState, group: ServiceGroup): string[] {
  const chains = group.chains.some((chain) => !held.holdsChain(chain)) ? group.chains : [];
  return [
    ...chains.flatMap((chain) => [nft.addChain(chain), nft.flushChain(chain)]),
    ...group.sets.flatMap((set) => {
      if (held.holdsSet(set)) return [];
      return held.hasSet(set.name) ? [nft.deleteSet(set), nft.addSet(set)] : [nft.addSet(set)];
    }),
    ...group.elements.flatMap(({ set, element }) => {
      if (held.holdsElement(set, element)) return [];
      const add = nft.addElement(set, element);
      return held.hasKey(set, element) ? [nft.deleteElement(set, element), add] : [add];
    }),
    ...chains.flatMap((chain) => chain.rules.map((rule) => nft.addRule(chain, rule))),
  ];
}

function leftoverElements(nft: TableCommands, held: TableState, wanted: TableState): string[] {
  return held.sets.flatMap((set) => {
    if (!wanted.hasSet(set.name)) return [];
    const left = set.elements.filter((element) => !wanted.hasKey(set, element));
    return left.map((element) => nft.deleteElement(set, element));
  });
}
