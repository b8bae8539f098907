/** A table's sets and chains → their part of the image. What cannot be compiled is left out and told. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import { isWhole, type Run, withoutItems } from "../ruleset/runs.ts";
import type { Chain, Element, NamedSet, Table } from "../ruleset/types.ts";
import type { CompileCache, KeptSet, KeptTable } from "./cache.ts";
import type { ChainSection } from "./chain-section.ts";
import { changesOf, type TableChanges, updatingChains } from "./changes.ts";
import { type HookedChain, isHooked } from "./hooks.ts";
import { compileRule, writeInstructions } from "./instructions.ts";
import { compileObjects } from "./named-objects.ts";
import { type CompiledSet, compileNamedSet } from "./named-sets.ts";
import { warnings } from "./problem.ts";
import type { TableScope, UsedObject, UsedSet, WriteLater } from "./rule.ts";
import { type DynamicSet, type ProgramProblem, Uncompilable } from "./types.ts";
import type { InterfaceNumbers } from "./values.ts";
import type { Label } from "./writer.ts";

/** What the tables of a program share. */
export interface Compilation {
  readonly interfaces: InterfaceNumbers;
  readonly problems: ProgramProblem[];
  /** What is compiled just now. */
  at: Omit<ProgramProblem, "message">;
  readonly dynamicSets: (DynamicSet & { readonly label: Label })[];
  readonly recentLists: Map<string, { readonly id: number; readonly label: Label }>;
  readonly setId: (name: string) => number;
  readonly cache: CompileCache;
}

export interface CompiledTable {
  readonly table: Table;
  /** The chains, until the table is compiled again. */
  readonly section: ChainSection;
  /** What stands behind the chains: named objects, sets and maps. */
  readonly behind: readonly WriteLater[];
  readonly sets: ReadonlyMap<string, UsedSet>;
  readonly bases: readonly HookedChain[];
  /** Names of sets that rules change. */
  readonly changedSets: ReadonlySet<string>;
  readonly labelOf: (chain: Chain) => Label;
}

/** Compiles the table, of what the cache has only what changed. */
export function compileTable(compilation: Compilation, table: Table): CompiledTable {
  const kept = compilation.cache.table(`${table.family} ${table.name}`);
  const changes = changesOf(compilation.cache, kept, table);
  const compiler = new TableCompiler(compilation, table, kept, changes);
  const behind = [...compiler.compileObjects(), ...compiler.compileSets()];
  compiler.compileChains();
  const bases = changes.notes.map(({ chain }) => chain).filter(isHooked);
  const changedSets = new Set(changes.notes.flatMap(({ updatedSets }) => updatedSets));
  const { sets, scope } = compiler;
  return { table, section: kept.section, behind, sets, bases, changedSets, labelOf: ({ name }) => scope.chain(name) };
}

class TableCompiler {
  readonly scope: TableScope;
  /** Those that could be compiled. */
  readonly sets = new Map<string, UsedSet>();
  readonly #compilation: Compilation;
  readonly #table: Table;
  readonly #kept: KeptTable;
  readonly #changes: TableChanges;
  #objects: ReadonlyMap<string, UsedObject> = new Map();
  /** Elements that maps and sets have and had not, by their names. */
  readonly #added = new Map<string, readonly Element[]>();
  /** Labels of what instructions may not refer to as they did. */
  readonly #changedLabels: Set<Label>;
  /** What stands behind the rules of the chain at hand. */
  #behind: WriteLater[] = [];

  constructor(compilation: Compilation, table: Table, kept: KeptTable, changes: TableChanges) {
    this.#compilation = compilation;
    this.#table = table;
    this.#kept = kept;
    this.#changes = changes;
    this.#changedLabels = new Set(changes.goneLabels);
    this.scope = {
      family: table.family,
      interfaces: compilation.interfaces,
      set: (name) => this.sets.get(name),
      chain: (name) => {
        const label = kept.chainLabels.get(name);
        if (label === undefined) throw new Uncompilable(`there is no chain "${name}"`);
        return label;
      },
      object: (kind, name) => {
        const object = this.#objects.get(`${kind} ${name}`);
        if (object === undefined) throw new Uncompilable(`there is no ${kind} "${name}" that could be compiled`);
        return object;
      },
      ...warnings(compilation),
      recentList: (name) => recentListOf(compilation, name),
      newLabel: () => kept.section.writer.newLabel(),
      later: (write) => this.#behind.push(write),
    };
  }

  /** How the objects are written into the image. */
  compileObjects(): readonly WriteLater[] {
    const kept = this.#kept;
    const { used, writers } = compileObjects(this.#compilation.cache, kept, this.#table.objects);
    const forms = new Map([...used].map(([name, { operation, options }]) => [name, `${operation} ${options}`]));
    this.#objects = used;
    this.#noteChanged(kept.objectForms, forms, kept.objectLabels);
    kept.objectForms = forms;
    return writers;
  }

  /** How the sets are written into the image. */
  compileSets(): WriteLater[] {
    const { family, name: table } = this.#table;
    const kept = this.#kept;
    const keptSets = new Map<string, KeptSet>();
    const forms = new Map<string, string>();
    const writers: WriteLater[] = [];
    const updating = updatingChains(this.#changes.notes);
    for (const set of this.#table.sets) {
      attempt(this.#compilation, { family, table, set: set.name }, () => {
        const { used, write, constant } = this.#compileSet(set, updating.get(set.name) ?? []);
        this.sets.set(set.name, used);
        writers.push(write);
        forms.set(set.name, JSON.stringify({ ...used, label: undefined }));
        if (constant === undefined) return;
        keptSets.set(set.name, constant.kept);
        if (constant.added.length > 0) this.#added.set(set.name, constant.added);
      });
    }
    this.#noteChanged(kept.setForms, forms, kept.setLabels);
    kept.sets = keptSets;
    kept.setForms = forms;
    return writers;
  }

  /** Puts the chains into the kept section: as they stood there, where nothing of them has changed. */
  compileChains(): void {
    const kept = this.#kept;
    const { family, name: table, chains } = this.#table;
    const tooDeep = kept.depths.findTooDeep(this.#table, { ...this.#changes, elements: this.#added });
    for (const { name } of tooDeep) {
      const message = "its jumps lead in a circle, or more than 16 deep";
      this.#compilation.problems.push({ family, table, chain: name, message });
    }
    for (const { recentLists } of this.#changes.notes) recentLists.forEach(this.scope.recentList);
    const runs = withoutItems(this.#changes.runs, this.#chainsToRedo(tooDeep));
    const flawed = new Set(tooDeep);
    if (!isWhole(runs, kept.chains.length, chains.length)) this.#placeChains(runs, flawed);
    if (flawed.size > 0) kept.depths.forget();
    kept.chains = chains;
    kept.notes = this.#changes.notes;
    kept.flawed = flawed;
  }

  #placeChains(runs: readonly Run[], flawed: Set<Chain>): void {
    const kept = this.#kept;
    const { chains } = this.#table;
    const before = kept.section;
    [kept.section, kept.spare] = [kept.spare, before];
    kept.section.begin();
    let next = 0;
    for (const run of [...runs, { from: 0, to: 0, at: chains.length }]) {
      for (; next < run.at; next++) this.#writeChain(chains[next]!, flawed);
      if (run.to > run.from) kept.section.copy(before, run);
      next += run.to - run.from;
    }
  }

  /** Positions in the table before, ascending. */
  #chainsToRedo(tooDeep: ReadonlySet<Chain>): number[] {
    const { chains, flawed, section } = this.#kept;
    const redo = new Set(section.chainsThatRefer(this.#changedLabels));
    if (flawed.size + tooDeep.size > 0) {
      chains.forEach((chain, index) => {
        if (flawed.has(chain) || tooDeep.has(chain)) redo.add(index);
      });
    }
    return [...redo].sort((a, b) => a - b);
  }

  /** Compiles the chain; if there are problems with it, or it is flawed already and goes without rules, it is flawed. */
  #writeChain(chain: Chain, flawed: Set<Chain>): void {
    const { section } = this.#kept;
    const { family, name: table } = this.#table;
    const { problems } = this.#compilation;
    const problemCount = problems.length;
    section.beginChain(this.scope.chain(chain.name));
    for (const [index, rule] of flawed.has(chain) ? [] : chain.rules.entries()) {
      const origin = rule.origin === undefined ? {} : { origin: rule.origin };
      attempt(this.#compilation, { family, table, chain: chain.name, index, ...origin }, () => {
        const instructions = compileRule(this.scope, rule);
        section.beginRule(index);
        writeInstructions(section.writer, instructions);
      });
    }
    section.endRules();
    writeInstructions(section.writer, [{ operation: Instructions.OP_CHAIN_END }]);
    for (const write of this.#behind) write(section.writer);
    this.#behind = [];
    section.endChain();
    if (problems.length > problemCount) flawed.add(chain);
  }

  #compileSet(set: NamedSet, updating: readonly Chain[]): CompiledSet {
    const { family, name: table } = this.#table;
    const { cache, setId, dynamicSets } = this.#compilation;
    const label = cache.labelOf(this.#kept.setLabels, set.name);
    const context = {
      table: this.#table,
      scope: this.scope,
      label,
      updating,
      known: this.#kept.sets.get(set.name),
      changedLabels: this.#changedLabels,
      giveId: () => {
        const id = setId(`${family} ${table} ${set.name}`);
        dynamicSets.push({ id, family, table, name: set.name, label });
        return id;
      },
    };
    return compileNamedSet(context, set);
  }

  /** What is gone, or used in another way than before, is no longer what instructions refer to. */
  #noteChanged(
    before: ReadonlyMap<string, string>,
    after: ReadonlyMap<string, string>,
    labels: ReadonlyMap<string, Label>,
  ): void {
    for (const [name, form] of before) if (after.get(name) !== form) this.#changedLabels.add(labels.get(name)!);
  }
}

/** xt_recent finds its lists by name, whatever the table and the family. */
function recentListOf({ recentLists, setId, cache }: Compilation, name: string): Label {
  const list = recentLists.get(name) ?? {
    id: setId(`recent ${name}`),
    label: cache.labelOf(cache.listLabels, name),
  };
  recentLists.set(name, list);
  return list.label;
}

/** Runs a part of the compilation; if it cannot be done, that becomes a problem of its place. */
function attempt(compilation: Compilation, place: Omit<ProgramProblem, "message">, part: () => void): void {
  const { problems } = compilation;
  compilation.at = place;
  try {
    part();
  } catch (error) {
    if (!(error instanceof Uncompilable)) throw error;
    problems.push({ ...place, message: error.message });
  }
}
