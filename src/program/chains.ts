/** A table's sets and chains → the image. What cannot be compiled is left out and told. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { Chain, Table } from "../ruleset/types.ts";
import { plainStatements } from "../ruleset/xt.ts";
import type { CompileCache } from "./cache.ts";
import { recordUses, TableChanges } from "./changes.ts";
import { compileRule, writeInstructions } from "./instructions.ts";
import { findTooDeep } from "./jumps.ts";
import { objectLabels, placeObject } from "./named-objects.ts";
import { compileNamedSet } from "./named-sets.ts";
import type { TableScope, UsedObject, UsedSet, WriteLater } from "./rule.ts";
import { type DynamicSet, type ProgramProblem, type RulePlace, type SetPlace, Uncompilable } from "./types.ts";
import type { InterfaceNumbers } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

/** Chains are data that nobody changes, and most of a ruleset's are those of the one before. */
const knownUpdates = new WeakMap<Chain, readonly string[]>();

/** What the tables of a program share. */
export interface Compilation {
  readonly writer: ImageWriter;
  readonly interfaces: InterfaceNumbers;
  readonly problems: ProgramProblem[];
  /** What is compiled just now. */
  at: Omit<ProgramProblem, "message">;
  /** The rules by the offsets where they start, ascending. */
  readonly ruleStarts: number[];
  readonly rulePlaces: (RulePlace | undefined)[];
  /** Named sets and maps, where their labels are. */
  readonly sets: (SetPlace & { readonly label: Label })[];
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
  const objects = new Map<string, UsedObject>();
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
    object: (kind, name) => {
      const object = objects.get(`${kind} ${name}`);
      if (object === undefined) throw new Uncompilable(`there is no ${kind} "${name}" that could be compiled`);
      return object;
    },
    warn: (message) => compilation.problems.push({ ...compilation.at, severity: "warning", message }),
    recentList: (name) => recentListOf(compilation, name),
    later: (write) => behind.push(write),
  };
  const changes = new TableChanges(kept, chains);
  for (const object of table.objects ?? []) {
    const name = `${object.object} ${object.name}`;
    const labels = objectLabels(cache, kept, name);
    const used = placeObject(object, labels, (write) => behind.push(write));
    if (used === undefined) continue;
    objects.set(name, used);
    changes.addObject(name, used);
  }
  const updated = updatedSets(table);
  for (const set of table.sets) {
    attempt(compilation, { family: table.family, table: table.name, set: set.name }, () => {
      const used = compileNamedSet({ compilation, table, scope, changes, kept }, set, updated.has(set.name));
      sets.set(set.name, used);
      compilation.sets.push({ family: table.family, table: table.name, set: set.name, label: used.label });
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

/** The names of sets that rules add to or delete from. */
function updatedSets(table: Table): ReadonlySet<string> {
  const names = new Set<string>();
  for (const chain of table.chains) {
    let known = knownUpdates.get(chain);
    if (known === undefined) {
      const statements = chain.rules.flatMap((rule) => plainStatements(rule.statements));
      known = statements.flatMap((statement) => (statement.kind === "set" ? [statement.set] : []));
      knownUpdates.set(chain, known);
    }
    for (const name of known) names.add(name);
  }
  return names;
}
