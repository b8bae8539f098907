/** A table's sets and chains → the image. What cannot be compiled is left out and told. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import type { Chain, NamedSet, Table } from "../ruleset/types.ts";
import type { CompileCache } from "./cache.ts";
import { declaredForm, recordUses, TableChanges } from "./changes.ts";
import { valueTypeOf } from "./data-types.ts";
import { compileRule, writeInstructions } from "./instructions.ts";
import { findTooDeep } from "./jumps.ts";
import type { TableScope, UsedSet, WriteLater } from "./rule.ts";
import { encodeSet, writeSet } from "./sets.ts";
import { type DynamicSet, type ProgramProblem, type RulePlace, Uncompilable } from "./types.ts";
import { type InterfaceNumbers, wordsOf } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

const MILLISECONDS = 1000;
/** Chains are data that nobody changes, and most of a ruleset's are those of the one before. */
const knownUpdates = new WeakMap<Chain, readonly string[]>();

/** What the tables of a program share. */
export interface Compilation {
  readonly writer: ImageWriter;
  readonly interfaces: InterfaceNumbers;
  readonly problems: ProgramProblem[];
  /** The rules by the offsets where they start, ascending. */
  readonly ruleStarts: number[];
  readonly rulePlaces: (RulePlace | undefined)[];
  readonly dynamicSets: (DynamicSet & { readonly label: Label })[];
  readonly recentLists: Map<string, { readonly id: number; readonly label: Label }>;
  readonly setId: (name: string) => number;
  /** What stands behind the instructions. */
  readonly behind: WriteLater[];
  readonly cache: CompileCache;
}

/** Compiles the table, of what the cache has only what changed; returns the labels of its chains. */
export function compileTable(compilation: Compilation, table: Table): ReadonlyMap<string, Label> {
  const { cache, behind, interfaces } = compilation;
  const kept = cache.table(`${table.family} ${table.name}`);
  const chains = new Map(table.chains.map(({ name }) => [name, cache.labelOf(kept.chainLabels, name)]));
  const sets = new Map<string, UsedSet>();
  const scope: TableScope = {
    family: table.family,
    interfaces,
    newLabel: () => cache.labels.next(),
    set: (name) => sets.get(name),
    chain: (name) => {
      const label = chains.get(name);
      if (label === undefined) throw new Uncompilable(`there is no chain "${name}"`);
      return label;
    },
    recentList: (name) => recentListOf(compilation, name),
    later: (write) => behind.push(write),
  };
  const changes = new TableChanges(kept, chains);
  const updated = updatedSets(table);
  for (const set of table.sets) {
    attempt(compilation, { family: table.family, table: table.name, set: set.name }, () => {
      const isDynamic = updated.has(set.name) || set.flags.includes("dynamic") || set.flags.includes("timeout");
      const label = cache.labelOf(kept.setLabels, set.name);
      const used = isDynamic
        ? compileDynamic(compilation, table, set, label)
        : compileSet(compilation, scope, set, changes, label);
      sets.set(set.name, used);
      changes.addSet(set, used);
    });
  }
  changes.endSets();
  const tooDeep = findTooDeep(table);
  for (const { name } of tooDeep) {
    const message = "its jumps lead in a circle, or more than 16 deep";
    compilation.problems.push({ family: table.family, table: table.name, chain: name, message });
  }
  for (const chain of table.chains) {
    compilation.writer.place(scope.chain(chain.name));
    if (tooDeep.has(chain)) writeChain(compilation, table, scope, { ...chain, rules: [] });
    else placeChain(compilation, table, scope, chain, changes);
  }
  changes.end();
  return chains;
}

/** Writes the chain as it was compiled before, or compiles it and keeps it if there are no problems with it. */
function placeChain(
  compilation: Compilation,
  table: Table,
  scope: TableScope,
  chain: Chain,
  changes: TableChanges,
): void {
  const { writer, ruleStarts, rulePlaces, behind, problems } = compilation;
  const start = writer.length;
  const known = changes.knownChain(chain);
  if (known !== undefined) {
    writer.appendPiece(known.piece);
    for (const ruleStart of known.ruleStarts) ruleStarts.push(start + ruleStart);
    rulePlaces.push(...known.rulePlaces);
    behind.push(...known.behind);
    for (const list of known.uses.lists) scope.recentList(list);
    changes.keepChain(chain, known);
    return;
  }
  const marks = { rules: ruleStarts.length, behind: behind.length, problems: problems.length };
  const { uses, scope: recording } = recordUses(scope);
  const piece = writer.writePiece(() => writeChain(compilation, table, recording, chain));
  if (problems.length > marks.problems) return;
  changes.keepChain(chain, {
    piece,
    behind: behind.slice(marks.behind),
    ruleStarts: ruleStarts.slice(marks.rules).map((at) => at - start),
    rulePlaces: rulePlaces.slice(marks.rules),
    uses,
  });
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

function compileSet(
  { behind }: Compilation,
  scope: TableScope,
  set: NamedSet,
  changes: TableChanges,
  label: Label,
): UsedSet {
  const known = changes.knownSet(set);
  if (known !== undefined) {
    behind.push((writer) => writeSet(writer, label, known.encoded));
    changes.keepSet(set, known);
    return known.used;
  }
  const key = set.key.map(valueTypeOf);
  const value = set.value === "verdict" ? set.value : set.value?.map(valueTypeOf);
  const { uses, scope: recording } = recordUses(scope);
  const encoded = encodeSet({ key, elements: set.elements, ...(value === undefined ? {} : { value }) }, recording);
  const used = { label, key, kind: encoded.kind, ...(value === undefined ? {} : { value }) };
  behind.push((writer) => writeSet(writer, label, encoded));
  changes.keepSet(set, { form: declaredForm(set), elements: set.elements, used, encoded, uses });
  return used;
}

function compileDynamic(
  { setId, dynamicSets, behind }: Compilation,
  table: Table,
  set: NamedSet,
  label: Label,
): UsedSet {
  const key = set.key.map(valueTypeOf);
  const keyBytes = wordsOf(key) * 4;
  if (set.value !== undefined) throw new Uncompilable("maps that rules change are not supported");
  if (set.elements.length > 0) throw new Uncompilable("elements of sets that rules change are not supported");
  if (keyBytes > Layout.DYNAMIC_KEY_BYTES_MAX)
    throw new Uncompilable("the key is too long for a set that rules change");
  const id = setId(`${table.family} ${table.name} ${set.name}`);
  dynamicSets.push({ id, family: table.family, table: table.name, name: set.name, label });
  behind.push((writer) => {
    writer.align(8);
    writer.place(label);
    const at = writer.reserve(Layout.SET_SIZE);
    writer.set8(at + Layout.SET_KIND, Layout.SET_DYNAMIC);
    writer.set8(at + Layout.SET_KEY_BYTES, keyBytes);
    writer.set32(at + Layout.SET_ID, id);
    writer.set32(at + Layout.SET_TIMEOUT, (set.timeoutSeconds ?? 0) * MILLISECONDS);
    writer.set32(at + Layout.SET_LIMIT, set.size ?? 0);
  });
  return { label, key, kind: Layout.SET_DYNAMIC };
}

function writeChain(compilation: Compilation, table: Table, scope: TableScope, chain: Chain): void {
  const { writer, ruleStarts, rulePlaces } = compilation;
  chain.rules.forEach((rule, index) => {
    const place: RulePlace = {
      family: table.family,
      table: table.name,
      chain: chain.name,
      index,
      ...(rule.origin === undefined ? {} : { origin: rule.origin }),
    };
    attempt(compilation, place, () => {
      const instructions = compileRule(scope, rule);
      ruleStarts.push(writer.length);
      rulePlaces.push(place);
      writeInstructions(writer, instructions);
    });
  });
  ruleStarts.push(writer.length);
  rulePlaces.push(undefined);
  writeInstructions(writer, [{ operation: Instructions.OP_CHAIN_END }]);
}

/** Runs a part of the compilation; if it cannot be done, that becomes a problem of its place. */
function attempt({ problems }: Compilation, place: Omit<ProgramProblem, "message">, part: () => void): void {
  try {
    part();
  } catch (error) {
    if (!(error instanceof Uncompilable)) throw error;
    problems.push({ ...place, message: error.message });
  }
}

/** The names of sets that rules add to or delete from. */
function updatedSets(table: Table): ReadonlySet<string> {
  const names = new Set<string>();
  for (const chain of table.chains) {
    let known = knownUpdates.get(chain);
    if (known === undefined) {
      const statements = chain.rules.flatMap((rule) => rule.statements);
      known = statements.flatMap((statement) => (statement.kind === "set" ? [statement.set] : []));
      knownUpdates.set(chain, known);
    }
    for (const name of known) names.add(name);
  }
  return names;
}
