/** Chains → blocks of the image. Those that have not changed stay as they stand there. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import { isWhole, outside, type Run, withoutItems } from "../ruleset/runs.ts";
import type { Chain, Element } from "../ruleset/types.ts";
import type { KeptTable } from "./cache.ts";
import { ChainSection } from "./chain-section.ts";
import type { TableChanges } from "./changes.ts";
import { attempt, type Compilation } from "./compilation.ts";
import { type CompiledRule, indexedRuns, writeRun } from "./indexed-runs.ts";
import { compileRule, keepsState, writeInstructions } from "./instructions.ts";
import type { TableScope, WriteLater } from "./rule.ts";
import type { ProgramProblem } from "./types.ts";
import type { Label } from "./writer.ts";

interface ChainContext {
  readonly compilation: Compilation;
  readonly scope: TableScope;
  readonly kept: KeptTable;
  readonly table: Pick<ProgramProblem, "family" | "table">;
  /** As in ProgramInput. */
  readonly indexFrom: number | undefined;
  /** Where the scope puts what stands behind the rules of a chain. */
  readonly behind: WriteLater[];
}

interface SetChanges {
  /** Elements that maps and sets have and had not, by their names. */
  readonly added: ReadonlyMap<string, readonly Element[]>;
  /** Labels of what instructions may not refer to as they did. */
  readonly changedLabels: ReadonlySet<Label>;
}

/** Puts the table's chains into the image, and what is known of them into what is kept of the table. */
export function compileChains(context: ChainContext, changes: TableChanges, sets: SetChanges): void {
  const { compilation, scope, kept, table } = context;
  const { chains } = changes.table;
  const tooDeep = kept.depths.findTooDeep(changes.table, { ...changes, elements: sets.added });
  for (const { name } of tooDeep) {
    const message = "its jumps lead in a circle, or more than 16 deep";
    compilation.problems.push({ ...table, chain: name, message });
  }
  for (const { recentLists } of changes.notes) recentLists.forEach(scope.recentList);
  const isSameForm = context.indexFrom === kept.indexFrom;
  const runs = isSameForm ? withoutItems(changes.runs, chainsToRedo(kept, sets.changedLabels, tooDeep)) : [];
  const flawed = new Set(tooDeep);
  for (const label of changes.goneLabels) compilation.cache.image.remove(label);
  if (!isWhole(runs, kept.chains.length, chains.length)) replaceChains(context, changes, runs, flawed);
  if (flawed.size > 0) kept.depths.forget();
  kept.indexFrom = context.indexFrom;
  kept.chains = chains;
  kept.notes = changes.notes;
  kept.flawed = flawed;
}

/** Positions in the table before, ascending. */
function chainsToRedo(
  { chains, flawed, section }: KeptTable,
  changedLabels: ReadonlySet<Label>,
  tooDeep: ReadonlySet<Chain>,
): number[] {
  const redo = new Set(section.chainsThatRefer(changedLabels));
  if (flawed.size + tooDeep.size > 0) {
    chains.forEach((chain, index) => {
      if (flawed.has(chain) || tooDeep.has(chain)) redo.add(index);
    });
  }
  return [...redo].sort((a, b) => a - b);
}

/** Compiles the chains outside the runs, and puts them into the section in the place of those that were there. */
function replaceChains(context: ChainContext, { table }: TableChanges, runs: readonly Run[], flawed: Set<Chain>): void {
  const { kept } = context;
  const fresh = new ChainSection();
  for (const index of outside(table.chains.length, runs, "after")) {
    writeChain(context, fresh, table.chains[index]!, flawed);
  }
  if (runs.length === 0) {
    kept.section = fresh;
    return;
  }
  let [to, end, left] = [kept.chains.length, table.chains.length, fresh.count];
  for (const run of [...runs.toReversed(), { from: 0, to: 0, at: 0 }]) {
    const count = end - (run.at + run.to - run.from);
    if (run.to < to || count > 0) kept.section.replace(run.to, to, fresh, left - count, left);
    [to, end, left] = [run.from, run.at, left - count];
  }
}

/** Compiles the chain; if there are problems with it, or it is flawed already and goes without rules, it is flawed. */
function writeChain(context: ChainContext, section: ChainSection, chain: Chain, flawed: Set<Chain>): void {
  const { compilation, scope, behind } = context;
  const { problems, cache } = compilation;
  const { image, writer } = cache;
  const problemCount = problems.length;
  const label = scope.chain(chain.name);
  section.beginChain(label);
  writer.begin();
  const rules = flawed.has(chain) ? [] : compileRules(context, chain);
  for (const part of indexedRuns(rules, context.indexFrom)) {
    if ("groups" in part) {
      writeRun(writer, section, behind, part);
      continue;
    }
    section.beginRule(part.index, writer.length);
    writeInstructions(writer, part.instructions);
  }
  section.beginOther(writer.length);
  writeInstructions(writer, [{ operation: Instructions.OP_CHAIN_END }]);
  for (const write of behind) write(writer);
  behind.length = 0;
  section.endChain(writer);
  image.put(label, writer, { isChanging: rules.some(({ instructions }) => instructions.some(keepsState)) });
  if (problems.length > problemCount) flawed.add(chain);
}

/** The chain's rules that could be compiled. */
function compileRules({ compilation, scope, table }: ChainContext, { name: chain, rules }: Chain): CompiledRule[] {
  const compiled: CompiledRule[] = [];
  rules.forEach((rule, index) => {
    const origin = rule.origin === undefined ? {} : { origin: rule.origin };
    attempt(compilation, { ...table, chain, index, ...origin }, () => {
      compiled.push({ index, instructions: compileRule(scope, rule) });
    });
  });
  return compiled;
}
