/**
 * The optimiser: rules that follow each other and compare the same fields with constants are found by a lookup instead of
 * one after the other. A packet has one value of each field, so that of all rules of such a run only those with its values
 * can match; these follow each other, in their order, and behind them the run ends. Counters, verdicts and places of rules
 * are those of the chain as it is written.
 *
 *     load the fields; VERDICT_MAP: values → go to their rules ──► rule, rule, end of the run
 *                       no such values ──► end of the run      ──► rule, end of the run …
 */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import { type EncodedSet, writeSet } from "./encoded-set.ts";
import { type ExactTest, exactTests } from "./exact-tests.ts";
import { hashKey } from "./hash.ts";
import { insertElement, NO_LABEL, slotsFor } from "./hash-table.ts";
import { writeInstructions } from "./instructions.ts";
import type { Instruction, WriteLater } from "./rule.ts";
import type { ImageWriter, Label } from "./writer.ts";

/** A rule of a chain on its way into the image. */
export interface CompiledRule {
  /** Its position in the chain. */
  readonly index: number;
  readonly instructions: readonly Instruction[];
}

/** Rules that all compare these fields, by what they compare them with. */
export interface IndexedRun {
  readonly fields: readonly ExactTest[];
  readonly groups: readonly RuleGroup[];
}

interface RuleGroup {
  readonly key: readonly number[];
  /** Without the tests that the lookup has made. */
  readonly rules: readonly CompiledRule[];
}

/** The rules in order, those in runs of `from` and more together. */
export function indexedRuns(
  rules: readonly CompiledRule[],
  from: number | undefined,
): readonly (CompiledRule | IndexedRun)[] {
  if (from === undefined || rules.length < from) return rules;
  const tests = rules.map(({ instructions }) => exactTests(instructions));
  const parts: (CompiledRule | IndexedRun)[] = [];
  for (let start = 0; start < rules.length; ) {
    const fields = new Map(tests[start]!.map((test) => [test.field, test]));
    let end = start + 1;
    while (end < rules.length && fields.size > 0 && hasFields(tests[end]!, fields)) end++;
    if (fields.size === 0 || end - start < from) {
      parts.push(rules[start++]!);
      continue;
    }
    parts.push(runOf([...fields.values()], rules.slice(start, end), tests.slice(start, end)));
    start = end;
  }
  return parts;
}

function hasFields(tests: readonly ExactTest[], fields: ReadonlyMap<number, ExactTest>): boolean {
  let count = 0;
  for (const { field } of tests) if (fields.has(field)) count++;
  return count === fields.size;
}

function runOf(
  candidates: readonly ExactTest[],
  rules: readonly CompiledRule[],
  tests: readonly (readonly ExactTest[])[],
): IndexedRun {
  const fields = fitting(candidates);
  const groups = new Map<string, { readonly key: readonly number[]; readonly rules: CompiledRule[] }>();
  rules.forEach((rule, i) => {
    const made = fields.map(({ field }) => tests[i]!.find((test) => test.field === field)!);
    const key = made.flatMap(({ words }) => words);
    const name = key.join(" ");
    const group = groups.get(name) ?? { key, rules: [] };
    group.rules.push(withoutTests(rule, made));
    groups.set(name, group);
  });
  return { fields, groups: [...groups.values()] };
}

/** As many fields as a key has room for. */
function fitting(fields: readonly ExactTest[]): readonly ExactTest[] {
  let bytes = 0;
  return fields.filter(({ words }) => {
    bytes += words.length * 4;
    return bytes <= Layout.KEY_BYTES_MAX;
  });
}

/** The lookup has made them. Where instructions lead to each other by their numbers, all stay. */
function withoutTests({ index, instructions }: CompiledRule, tests: readonly ExactTest[]): CompiledRule {
  if (instructions.some(({ failTo }) => failTo !== undefined)) return { index, instructions };
  const made = new Set(tests.flatMap(({ at }) => [at, at + 1]));
  return { index, instructions: instructions.filter((_, at) => !made.has(at)) };
}

/** Where the rules of a run begin is told to `section`. What stands behind the chain is put into `behind`. */
export function writeRun(writer: ImageWriter, section: RuleSection, behind: WriteLater[], run: IndexedRun): void {
  const [set, end] = [writer.newLabel(), writer.newLabel()];
  const labels = run.groups.map(() => writer.newLabel());
  section.beginOther(writer.length);
  writeInstructions(writer, lookup(run, set), end);
  run.groups.forEach(({ rules }, i) => {
    writer.place(labels[i]!);
    for (const { index, instructions } of rules) {
      section.beginRule(index, writer.length);
      writeInstructions(writer, instructions);
    }
    section.beginOther(writer.length);
    writeInstructions(writer, [{ operation: Instructions.OP_NEVER }], end);
  });
  writer.place(end);
  behind.push(() => writeSet(writer, set, encodeGroups(run, labels)));
}

interface RuleSection {
  readonly beginRule: (index: number, offset: number) => void;
  /** What follows belongs to no rule. */
  readonly beginOther: (offset: number) => void;
}

function lookup({ fields }: IndexedRun, set: Label): readonly Instruction[] {
  let register = 0;
  const loads = fields.map(({ load, words }): Instruction => {
    const at = register;
    register += words.length * 4;
    return { ...load, register: at };
  });
  return [...loads, { operation: Instructions.OP_VERDICT_MAP, register: 0, length: register, xLabel: set }];
}

/** Keys → go to the rules of the group. */
function encodeGroups({ groups }: IndexedRun, groupLabels: readonly Label[]): EncodedSet {
  const keyWords = groups[0]!.key.length;
  const valueWords = Layout.VERDICT_VALUE_BYTES / 4;
  const strideWords = 1 + keyWords + valueWords;
  const slots = slotsFor(groups.length);
  const table = new Uint32Array(slots * strideWords);
  const numbers = new Int32Array(slots).fill(NO_LABEL);
  const hashTable = { words: table, strideWords, keyWords, mask: slots - 1, labels: numbers };
  const element = new Uint32Array(strideWords);
  element[1 + keyWords] = Instructions.OP_GOTO;
  groups.forEach(({ key }, number) => {
    element.set(key, 1);
    element[0] = hashKey(element, 1, keyWords);
    insertElement(hashTable, element, number);
  });
  const references: number[] = [];
  numbers.forEach((number, slot) => {
    if (number !== NO_LABEL) references.push((slot + 1) * strideWords - 1, groupLabels[number]!);
  });
  return {
    kind: Layout.SET_HASH,
    keyWords,
    valueWords,
    count: groups.length,
    mask: slots - 1,
    strideWords,
    table,
    references,
  };
}
