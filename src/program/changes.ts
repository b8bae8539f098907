/** How a table differs from the one of the same name in the program before. */

import { commonRuns, outside, type Run } from "../ruleset/runs.ts";
import type { Chain, Element, EndpointChoice, Expression, Recent, Statement, Table } from "../ruleset/types.ts";
import { plainStatements } from "../ruleset/xt.ts";
import type { ChainNote, CompileCache, KeptTable } from "./cache.ts";
import { isIdle, withoutIdleChains } from "./runnable.ts";
import type { Label } from "./writer.ts";

export interface TableChanges {
  /** The table, of its chains those that are run. */
  readonly table: Table;
  /** Where the same chains stand, and those that were not there. */
  readonly runs: readonly Run[];
  readonly chains: readonly Chain[];
  /** Names that no chain had, and labels of those that none has any more. */
  readonly newNames: ReadonlySet<string>;
  readonly goneLabels: ReadonlySet<Label>;
  readonly notes: readonly ChainNote[];
}

export interface ElementChanges {
  readonly removed: readonly Element[];
  readonly added: readonly Element[];
}

/** Finds the changes, and gives the chains their labels. */
export function changesOf(cache: CompileCache, kept: KeptTable, table: Table): TableChanges {
  const { chains } = table;
  const runs = commonRuns(kept.chains, chains);
  const added = outside(chains.length, runs, "after");
  if (added.some((index) => isIdle(chains[index]!))) return changesOf(cache, kept, withoutIdleChains(table));
  const newNames = new Set(added.map((index) => chains[index]!.name));
  const goneLabels = new Set<Label>();
  for (const index of outside(kept.chains.length, runs, "before")) {
    const { name } = kept.chains[index]!;
    if (newNames.delete(name)) continue;
    goneLabels.add(kept.chainLabels.get(name)!);
    kept.chainLabels.delete(name);
  }
  for (const name of newNames) cache.labelOf(kept.chainLabels, name);
  const notes = [...movedNotes(kept.notes, runs), ...added.flatMap((index) => noteOf(chains[index]!, index))];
  notes.sort((a, b) => a.index - b.index);
  return { table, runs, chains: added.map((index) => chains[index]!), newNames, goneLabels, notes };
}

/** Elements that one list has and the other has not, as objects. */
export function changedElements(before: readonly Element[], after: readonly Element[]): ElementChanges {
  const runs = commonRuns(before, after);
  return {
    removed: outside(before.length, runs, "before").map((index) => before[index]!),
    added: outside(after.length, runs, "after").map((index) => after[index]!),
  };
}

/** By the names of sets, the chains whose rules change them. */
export function updatingChains(notes: readonly ChainNote[]): ReadonlyMap<string, readonly Chain[]> {
  const updating = new Map<string, Chain[]>();
  for (const { chain, updatedSets } of notes) {
    for (const name of new Set(updatedSets)) {
      const chains = updating.get(name);
      if (chains === undefined) updating.set(name, [chain]);
      else chains.push(chain);
    }
  }
  return updating;
}

/** Notes of the chains in the runs, which stand elsewhere now. */
function movedNotes(notes: readonly ChainNote[], runs: readonly Run[]): ChainNote[] {
  const moved: ChainNote[] = [];
  let next = 0;
  for (const { from, to, at } of runs) {
    while (next < notes.length && notes[next]!.index < from) next++;
    for (; next < notes.length && notes[next]!.index < to; next++) {
      const note = notes[next]!;
      moved.push(from === at ? note : { ...note, index: note.index + at - from });
    }
  }
  return moved;
}

function noteOf(chain: Chain, index: number): ChainNote[] {
  const updatedSets: string[] = [];
  const recentLists: Recent[] = [];
  let isRewriting = false;
  for (const { statements } of chain.rules) {
    for (const statement of withAlternatives(statements)) {
      if (statement.kind === "set") updatedSets.push(statement.set);
      if (statement.kind === "endpoint") updatedSets.push(...clientSets(statement));
      if (statement.kind === "recent") recentLists.push(statement);
      if (statement.kind === "assign" && isHeader(statement.target)) isRewriting = true;
    }
  }
  const isNoted = chain.base !== undefined || isRewriting || updatedSets.length + recentLists.length > 0;
  return isNoted ? [{ index, chain, isRewriting, updatedSets, recentLists }] : [];
}

function isHeader({ kind }: Expression): boolean {
  return kind === "payload" || kind === "raw";
}

/** The sets in which endpoints have their clients. */
function clientSets({ endpoints }: EndpointChoice): string[] {
  return endpoints.flatMap(({ clients }) => (clients === undefined ? [] : [clients]));
}

/** The statements, those of alternatives in their places. */
function withAlternatives(statements: readonly Statement[]): readonly Statement[] {
  const plain = plainStatements(statements);
  if (!plain.some(({ kind }) => kind === "alternatives")) return plain;
  return plain.flatMap((statement) =>
    statement.kind === "alternatives" ? statement.of.flatMap(withAlternatives) : [statement],
  );
}
