/**
 * The instructions of one rule → what it compared, looked up and did. Nothing here knows which rule it is but for the
 * elements of sets. Every operation of layout/instructions.ts is in one of the tables here.
 */

import * as Layout from "../../assembly/layout/instructions.ts";
import type { Rule } from "../ruleset/types.ts";
import { ACTIONS } from "./actions.ts";
import { COMPARISONS } from "./comparisons.ts";
import type { TraceContext } from "./context.ts";
import { type InstructionFields, readInstruction, type Viewed } from "./instruction.ts";
import { LookupNames } from "./lookups.ts";
import { LOADS } from "./operands.ts";
import type { TraceRecord } from "./records.ts";
import { COMPUTATIONS, Registers } from "./registers.ts";
import type { Place, RuleStep } from "./types.ts";

const LOOKUPS: ReadonlySet<number> = new Set([
  Layout.OP_LOOKUP,
  Layout.OP_MAP,
  Layout.OP_VERDICT_MAP,
  Layout.OP_UPDATE_SET,
]);
/** They say nothing that the rule's text or its verdict does not say. */
const SILENT: ReadonlySet<number> = new Set([
  Layout.OP_COUNTER,
  Layout.OP_NEVER,
  Layout.OP_ACCEPT,
  Layout.OP_DROP,
  Layout.OP_RETURN,
  Layout.OP_JUMP,
  Layout.OP_GOTO,
  Layout.OP_CHAIN_END,
  Layout.OP_CONTINUE,
  Layout.OP_QUEUE,
]);

/** Whether a trace has words for an operation, or knows that none are needed. */
export function isTold(operation: number): boolean {
  const tables = [LOADS, COMPUTATIONS, COMPARISONS, ACTIONS];
  return tables.some((table) => operation in table) || LOOKUPS.has(operation) || SILENT.has(operation);
}

/** `records`: the rule's instructions in the order in which they were carried out. */
export function ruleSteps(
  context: TraceContext,
  place: Place,
  rule: Rule | undefined,
  records: readonly TraceRecord[],
  viewed: Viewed,
): readonly RuleStep[] {
  const reader = new StepReader(context, viewed, new LookupNames(context, place, rule));
  return records.flatMap((record) => reader.read(record));
}

class StepReader {
  readonly #context: TraceContext;
  readonly #viewed: Viewed;
  readonly #lookups: LookupNames;
  readonly #registers: Registers;

  constructor(context: TraceContext, viewed: Viewed, lookups: LookupNames) {
    this.#context = context;
    this.#viewed = viewed;
    this.#lookups = lookups;
    this.#registers = new Registers(context.image, viewed);
  }

  read({ at, outcome, registers: bytes = new Uint8Array() }: TraceRecord): readonly RuleStep[] {
    const instruction = readInstruction(this.#context.image, at);
    const { operation } = instruction;
    const holds = outcome !== 0;
    if (operation in LOADS) return this.#load(instruction, holds, bytes);
    if (LOOKUPS.has(operation)) return [this.#lookup(instruction, outcome, bytes)];
    COMPUTATIONS[operation]?.(this.#registers, instruction, bytes);
    const compared = COMPARISONS[operation]?.(this.#context, this.#registers, instruction);
    if (compared !== undefined) return [{ ...compared, holds }];
    const viewed = this.#viewed;
    const done = ACTIONS[operation]?.({ context: this.#context, viewed, instruction, holds, registers: bytes });
    return done === undefined ? [] : [done];
  }

  /** Of a load only its failure is a step: what it loaded is told where it is compared. */
  #load(instruction: InstructionFields, holds: boolean, bytes: Uint8Array): readonly RuleStep[] {
    const operand = LOADS[instruction.operation]?.(instruction, this.#viewed);
    if (operand === undefined) return [];
    if (!holds) return [{ left: operand.name, value: "not there", operator: "is", right: "there", holds }];
    this.#registers.put(instruction.register, operand, bytes, instruction);
    return [];
  }

  #lookup(instruction: InstructionFields, outcome: number, bytes: Uint8Array): RuleStep {
    const { operation, register, length, y } = instruction;
    const key = this.#registers.key(register, length);
    const step = this.#lookups.step(instruction, outcome, key);
    if (operation === Layout.OP_MAP && outcome !== 0) {
      this.#registers.put(y, this.#lookups.valueOperand(instruction, step), bytes);
    }
    return step;
  }
}
