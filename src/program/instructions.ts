/** One rule as instructions, and instructions as bytes. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { Rule } from "../ruleset/types.ts";
import { type Instruction, RuleBuilder, type TableScope } from "./rule.ts";
import { operationsOf } from "./runs.ts";
import { emitAll } from "./statements.ts";
import type { ImageWriter, Label } from "./writer.ts";

export function compileRule(scope: TableScope, rule: Rule): readonly Instruction[] {
  const builder = new RuleBuilder(scope);
  emitAll(builder, rule.statements);
  return builder.instructions;
}

/** Whether the engine keeps something of its own where the instruction, or what it refers to in its chain, stands. */
export function keepsState({ operation, options = 0 }: Instruction): boolean {
  switch (operation) {
    case Instructions.OP_COUNTER:
    case Instructions.OP_LIMIT:
    case Instructions.OP_QUOTA:
    case Instructions.OP_CONNECTIONS:
      return (options & (Instructions.STATE_OF_ELEMENT | Instructions.STATE_AT_REGISTER)) === 0;
    case Instructions.OP_LOAD_NUMBER:
      return options === Instructions.NUMBER_INCREMENTAL;
    default:
      return false;
  }
}

/** Appends them. Where one does not match, what stands at `next` follows; default: what is appended behind them. */
export function writeInstructions(writer: ImageWriter, instructions: readonly Instruction[], next?: Label): void {
  const start = writer.length;
  const end = start + instructions.length * Instructions.INSTRUCTION_SIZE;
  const operations = operationsOf(instructions);
  for (const [index, instruction] of instructions.entries()) {
    const { register = 0, length = 0, options = 0, x = 0, y = 0, xLabel, yLabel, failTo, last } = instruction;
    const at = writer.reserve(Instructions.INSTRUCTION_SIZE);
    writer.set8(at + Instructions.OP, operations[index]!);
    writer.set8(at + Instructions.REGISTER, register);
    writer.set8(at + Instructions.LENGTH, length);
    writer.set8(at + Instructions.OPTIONS, options);
    if (xLabel === undefined) writer.set32(at + Instructions.X, x);
    else writer.refer(at + Instructions.X, xLabel);
    if (yLabel === undefined) writer.set32(at + Instructions.Y, y);
    else writer.refer(at + Instructions.Y, yLabel);
    if (last !== undefined) writer.set32(at + Instructions.FAIL, last);
    else if (failTo !== undefined)
      writer.setOffset(at + Instructions.FAIL, start + failTo * Instructions.INSTRUCTION_SIZE);
    else if (next !== undefined) writer.refer(at + Instructions.FAIL, next);
    else writer.setOffset(at + Instructions.FAIL, end);
  }
}
