/** A table → its part of the image: sets and chains in blocks of their own. What cannot be compiled is left out and told. */

import type { Chain, Element, NamedSet, Table } from "../ruleset/types.ts";
import type { KeptSet, KeptTable } from "./cache.ts";
import { compileChains } from "./chains.ts";
import { changesOf, type TableChanges, updatingChains } from "./changes.ts";
import { attempt, type Compilation } from "./compilation.ts";
import { refersTo, writeSet } from "./encoded-set.ts";
import { type HookedChain, isHooked } from "./hooks.ts";
import { compileObjects } from "./named-objects.ts";
import { type CompiledSet, compileNamedSet } from "./named-sets.ts";
import { warnings } from "./problem.ts";
import { recentListOf } from "./recent-lists.ts";
import type { TableScope, UsedObject, UsedSet, WriteLater } from "./rule.ts";
import { tellIdleChains } from "./runnable.ts";
import { Uncompilable } from "./types.ts";
import type { Label } from "./writer.ts";

export interface CompiledTable {
  /** Its chains that are run. */
  readonly table: Table;
  /** Its chains and constant sets in the image, until the table is compiled again. */
  readonly kept: KeptTable;
  /** What stands with what all tables share: named objects, and the heads of sets that rules change. */
  readonly frame: readonly WriteLater[];
  readonly sets: ReadonlyMap<string, UsedSet>;
  readonly bases: readonly HookedChain[];
  /** Names of sets that rules change. */
  readonly changedSets: ReadonlySet<string>;
  readonly labelOf: (chain: Chain) => Label;
}

/** Compiles the table, of what the cache has only what changed. */
export function compileTable(compilation: Compilation, listed: Table): CompiledTable {
  const kept = compilation.cache.table(listed);
  const changes = changesOf(compilation.cache, kept, listed);
  const { table } = changes;
  if (table !== listed) tellIdleChains(listed, compilation.problems);
  const compiler = new TableCompiler(compilation, kept, changes);
  const frame = [...compiler.compileObjects(), ...compiler.compileSets()];
  const { sets, scope, added, changedLabels, behind } = compiler;
  const isRewriting = changes.notes.some((note) => note.isRewriting);
  const indexFrom = isRewriting ? undefined : compilation.indexFrom;
  const place = { family: table.family, table: table.name };
  const context = { compilation, scope, kept, table: place, indexFrom, behind };
  compileChains(context, changes, { added, changedLabels });
  const bases = changes.notes.map(({ chain }) => chain).filter(isHooked);
  const changedSets = new Set(changes.notes.flatMap(({ updatedSets }) => updatedSets));
  return { table, kept, frame, sets, bases, changedSets, labelOf: ({ name }) => scope.chain(name) };
}

/** Brings what did not change up to date where it refers to what stands elsewhere now. */
export function mendTable(
  { cache: { image, writer } }: Compilation,
  { kept: { section, sets, setLabels } }: CompiledTable,
): void {
  if (image.moved.size === 0) return;
  section.mend(image);
  for (const [name, { encoded }] of sets) {
    if (!refersTo(encoded, image.moved)) continue;
    writer.begin();
    writeSet(writer, setLabels.get(name)!, encoded);
    image.put(setLabels.get(name)!, writer);
  }
}

class TableCompiler {
  readonly scope: TableScope;
  /** Those that could be compiled. */
  readonly sets = new Map<string, UsedSet>();
  /** Elements that maps and sets have and had not, by their names. */
  readonly added = new Map<string, readonly Element[]>();
  /** Labels of what instructions may not refer to as they did. */
  readonly changedLabels: Set<Label>;
  /** What stands behind the rules of the chain at hand. */
  readonly behind: WriteLater[] = [];
  readonly #compilation: Compilation;
  readonly #kept: KeptTable;
  readonly #changes: TableChanges;
  #objects: ReadonlyMap<string, UsedObject> = new Map();

  constructor(compilation: Compilation, kept: KeptTable, changes: TableChanges) {
    this.#compilation = compilation;
    this.#kept = kept;
    this.#changes = changes;
    this.changedLabels = new Set(changes.goneLabels);
    this.scope = {
      family: changes.table.family,
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
      newLabel: () => compilation.cache.writer.newLabel(),
      later: (write) => this.behind.push(write),
    };
  }

  /** How the objects are written. */
  compileObjects(): readonly WriteLater[] {
    const kept = this.#kept;
    const { used, writers } = compileObjects(this.#compilation.cache, kept, this.#changes.table.objects);
    const forms = new Map([...used].map(([name, { operation, options }]) => [name, `${operation} ${options}`]));
    this.#objects = used;
    this.#noteChanged(kept.objectForms, forms, kept.objectLabels);
    kept.objectForms = forms;
    return writers;
  }

  /** Puts constant sets into the image; how the others are written. */
  compileSets(): WriteLater[] {
    const { family, name: table, sets } = this.#changes.table;
    const kept = this.#kept;
    const constants = new Map<string, KeptSet>();
    const forms = new Map<string, string>();
    const writers: WriteLater[] = [];
    const updating = updatingChains(this.#changes.notes);
    for (const set of sets) {
      attempt(this.#compilation, { family, table, set: set.name }, () => {
        const { used, write, constant } = this.#compileSet(set, updating.get(set.name) ?? []);
        this.sets.set(set.name, used);
        forms.set(set.name, JSON.stringify({ ...used, label: undefined }));
        if (write !== undefined) writers.push(write);
        if (constant === undefined) return;
        constants.set(set.name, constant.kept);
        if (constant.added.length > 0) this.added.set(set.name, constant.added);
      });
    }
    this.#noteChanged(kept.setForms, forms, kept.setLabels);
    this.#putSets(kept.sets, constants);
    kept.sets = constants;
    kept.setForms = forms;
    return writers;
  }

  /** Into the image, what is not there already. */
  #putSets(before: KeptTable["sets"], now: KeptTable["sets"]): void {
    const { image, writer } = this.#compilation.cache;
    const { setLabels } = this.#kept;
    for (const name of before.keys()) if (!now.has(name)) image.remove(setLabels.get(name)!);
    for (const [name, { encoded }] of now) {
      if (before.get(name)?.encoded === encoded) continue;
      writer.begin();
      writeSet(writer, setLabels.get(name)!, encoded);
      image.put(setLabels.get(name)!, writer);
    }
  }

  #compileSet(set: NamedSet, updating: readonly Chain[]): CompiledSet {
    const { family, name: table } = this.#changes.table;
    const { cache, setId, dynamicSets } = this.#compilation;
    const label = cache.labelOf(this.#kept.setLabels, set.name);
    const context = {
      table: this.#changes.table,
      scope: this.scope,
      label,
      updating,
      known: this.#kept.sets.get(set.name),
      changedLabels: this.changedLabels,
      giveId: () => {
        const id = setId(`${family} ${table} ${set.name}`);
        dynamicSets.push({ id, family, table, name: set.name, label });
        return id;
      },
    };
    return compileNamedSet(context, set);
  }

  #noteChanged(
    before: ReadonlyMap<string, string>,
    after: ReadonlyMap<string, string>,
    labels: ReadonlyMap<string, Label>,
  ): void {
    for (const [name, form] of before) if (after.get(name) !== form) this.changedLabels.add(labels.get(name)!);
  }
}
