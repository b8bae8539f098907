/** A table's sets and chains → the image. What cannot be compiled is left out and told. */

import * as Layout from "../../assembly/layout/program.ts";
import type { Chain, NamedSet, Rule, Table } from "../ruleset/types.ts";
import { findTooDeep } from "./jumps.ts";
import { type Instruction, placeLater, RuleBuilder, type TableScope, type UsedSet } from "./rule.ts";
import { encodeSet } from "./sets.ts";
import { emitStatement } from "./statements.ts";
import { type DynamicSet, type ProgramProblem, type RulePlace, Uncompilable } from "./types.ts";
import { DATA_TYPES, type InterfaceNumbers, wordsOf } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

const MILLISECONDS = 1000;

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
  readonly later: (write: () => void) => void;
}

/** Compiles the table; returns the labels of its chains. */
export function compileTable(compilation: Compilation, table: Table): ReadonlyMap<string, Label> {
  const { writer, interfaces, later } = compilation;
  const chains = new Map(table.chains.map((chain) => [chain.name, writer.newLabel()]));
  const chain = (name: string): Label => {
    const label = chains.get(name);
    if (label === undefined) throw new Uncompilable(`there is no chain "${name}"`);
    return label;
  };
  const sets = new Map<string, UsedSet>();
  const recentList = (name: string) => recentListOf(compilation, name);
  const scope: TableScope = { family: table.family, writer, interfaces, sets, chain, recentList, later };
  const updated = updatedSets(table);
  for (const set of table.sets) {
    attempt(compilation, { family: table.family, table: table.name, set: set.name }, () => {
      sets.set(set.name, compileSet(compilation, table, scope, set, updated.has(set.name)));
    });
  }
  const tooDeep = findTooDeep(table);
  for (const { name } of tooDeep) {
    const message = "its jumps lead in a circle, or more than 16 deep";
    compilation.problems.push({ family: table.family, table: table.name, chain: name, message });
  }
  for (const item of table.chains) {
    writer.place(chain(item.name));
    compileChain(compilation, table, scope, tooDeep.has(item) ? { ...item, rules: [] } : item);
  }
  return chains;
}

/** xt_recent finds its lists by name, whatever the table and the family. */
function recentListOf({ recentLists, setId, writer }: Compilation, name: string): Label {
  const list = recentLists.get(name) ?? { id: setId(`recent ${name}`), label: writer.newLabel() };
  recentLists.set(name, list);
  return list.label;
}

function compileSet(
  compilation: Compilation,
  table: Table,
  scope: TableScope,
  set: NamedSet,
  isUpdated: boolean,
): UsedSet {
  const key = set.key.map((type) => DATA_TYPES[type]);
  if (isUpdated || set.flags.includes("dynamic") || set.flags.includes("timeout"))
    return compileDynamic(compilation, table, set);
  const value = set.value === "verdict" ? set.value : set.value?.map((type) => DATA_TYPES[type]);
  const encoded = encodeSet({ key, elements: set.elements, ...(value === undefined ? {} : { value }) }, scope);
  return { label: placeLater(scope, encoded), key, kind: encoded.kind, ...(value === undefined ? {} : { value }) };
}

function compileDynamic({ writer, setId, dynamicSets, later }: Compilation, table: Table, set: NamedSet): UsedSet {
  const key = set.key.map((type) => DATA_TYPES[type]);
  const keyBytes = wordsOf(key) * 4;
  if (set.value !== undefined) throw new Uncompilable("maps that rules change are not supported");
  if (set.elements.length > 0) throw new Uncompilable("elements of sets that rules change are not supported");
  if (keyBytes > Layout.DYNAMIC_KEY_BYTES_MAX)
    throw new Uncompilable("the key is too long for a set that rules change");
  const id = setId(`${table.family} ${table.name} ${set.name}`);
  const label = writer.newLabel();
  dynamicSets.push({ id, family: table.family, table: table.name, name: set.name, label });
  later(() => {
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

function compileChain(compilation: Compilation, table: Table, scope: TableScope, chain: Chain): void {
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
  writeInstructions(writer, [{ operation: Layout.OP_CHAIN_END }]);
}

function compileRule(scope: TableScope, rule: Rule): readonly Instruction[] {
  const builder = new RuleBuilder(scope);
  for (const statement of rule.statements) {
    emitStatement(builder, statement);
    builder.release();
  }
  return builder.instructions;
}

function writeInstructions(writer: ImageWriter, instructions: readonly Instruction[]): void {
  const start = writer.length;
  const next = start + instructions.length * Layout.INSTRUCTION_SIZE;
  for (const instruction of instructions) {
    const {
      operation,
      register = 0,
      length = 0,
      options = 0,
      x = 0,
      y = 0,
      xLabel,
      yLabel,
      failTo,
      last,
    } = instruction;
    const at = writer.reserve(Layout.INSTRUCTION_SIZE);
    writer.set8(at + Layout.OP, operation);
    writer.set8(at + Layout.REGISTER, register);
    writer.set8(at + Layout.LENGTH, length);
    writer.set8(at + Layout.OPTIONS, options);
    if (xLabel === undefined) writer.set32(at + Layout.X, x);
    else writer.refer(at + Layout.X, xLabel);
    if (yLabel === undefined) writer.set32(at + Layout.Y, y);
    else writer.refer(at + Layout.Y, yLabel);
    const fail = failTo === undefined ? next : start + failTo * Layout.INSTRUCTION_SIZE;
    writer.set32(at + Layout.FAIL, last ?? fail);
  }
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
  for (const { rules } of table.chains) {
    for (const { statements } of rules) {
      for (const statement of statements) if (statement.kind === "set") names.add(statement.set);
    }
  }
  return names;
}
