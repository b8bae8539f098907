/** One rule as instructions, and instructions as bytes. */

import * as Layout from "../../assembly/layout/program.ts";
import type { Rule } from "../ruleset/types.ts";
import { type Instruction, RuleBuilder, type TableScope } from "./rule.ts";
import { emitStatement } from "./statements.ts";
import type { ImageWriter } from "./writer.ts";

export function compileRule(scope: TableScope, rule: Rule): readonly Instruction[] {
  const builder = new RuleBuilder(scope);
  for (const statement of rule.statements) {
    emitStatement(builder, statement);
    builder.release();
  }
  return builder.instructions;
}

/** Appends them; where one does not match, the next rule follows. */
export function writeInstructions(writer: ImageWriter, instructions: readonly Instruction[]): void {
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
    if (last === undefined) writer.setOffset(at + Layout.FAIL, fail);
    else writer.set32(at + Layout.FAIL, last);
  }
}
