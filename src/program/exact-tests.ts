/** What a rule compares first of all: fields that must equal a constant, or the rule does not match. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import type { Instruction } from "./rule.ts";

/** Two instructions: a field is loaded, and compared with a constant. */
export interface ExactTest {
  /** The same number for the same field. */
  readonly field: number;
  readonly load: Instruction;
  readonly words: readonly number[];
  /** Index of the instruction that loads it; the next one compares. */
  readonly at: number;
}

const META_KEYS: readonly number[] = [Keys.META_PROTOCOL, Keys.META_FAMILY, Keys.META_IN, Keys.META_OUT];

/** Instructions that only look: what is behind them may be asked before. */
const LOOKING: ReadonlySet<number> = new Set([
  Instructions.OP_LOAD_NETWORK,
  Instructions.OP_LOAD_TRANSPORT,
  Instructions.OP_LOAD_META,
  Instructions.OP_LOAD_CT,
  Instructions.OP_LOAD_FIB,
  Instructions.OP_LOAD_VALUE,
  Instructions.OP_LOAD_BYTES,
  Instructions.OP_BITWISE,
  Instructions.OP_BITWISE_BYTES,
  Instructions.OP_SWAP,
  Instructions.OP_COMPARE,
  Instructions.OP_COMPARE_BYTES,
  Instructions.OP_RANGE,
  Instructions.OP_LOOKUP,
  Instructions.OP_FIELD,
  Instructions.OP_SHIFT,
]);

/** The tests that every packet must pass before the rule does anything or asks chance. Of a field the first one. */
export function exactTests(instructions: readonly Instruction[]): readonly ExactTest[] {
  const tests = new Map<number, ExactTest>();
  for (let at = 0; at < instructions.length; at++) {
    const load = instructions[at]!;
    if (!isLooking(load)) break;
    const test = exactTest(load, instructions[at + 1], at);
    if (test !== undefined && !tests.has(test.field)) tests.set(test.field, test);
  }
  return [...tests.values()];
}

function isLooking({ operation, failTo, x }: Instruction): boolean {
  const isChance = operation === Instructions.OP_LOAD_META && x === Keys.META_RANDOM;
  return failTo === undefined && LOOKING.has(operation) && !isChance;
}

function exactTest(load: Instruction, comparison: Instruction | undefined, at: number): ExactTest | undefined {
  const { register, length = 0 } = load;
  if (comparison === undefined || comparison.failTo !== undefined || comparison.register !== register) return undefined;
  if (!isField(load)) return undefined;
  const words = comparedWords(comparison);
  if (words === undefined || words.length !== Math.ceil(length / 4)) return undefined;
  return { field: fieldNumber(load), load, words, at };
}

/** What tells apart the loads that isField() admits. */
function fieldNumber({ operation, length = 0, x = 0 }: Instruction): number {
  return operation + length * 2 ** 8 + x * 2 ** 16;
}

/** What rules do not change while a chain is walked, but for what writes into packets. */
function isField({ operation, x = 0 }: Instruction): boolean {
  if (operation === Instructions.OP_LOAD_META) return META_KEYS.includes(x);
  return operation === Instructions.OP_LOAD_NETWORK || operation === Instructions.OP_LOAD_TRANSPORT;
}

/** What must be equal, as words of the register. */
function comparedWords({ operation, options, x = 0, yWords }: Instruction): readonly number[] | undefined {
  if (options !== Instructions.COMPARE_EQUAL) return undefined;
  if (operation === Instructions.OP_COMPARE) return [x];
  return operation === Instructions.OP_COMPARE_BYTES ? yWords : undefined;
}
