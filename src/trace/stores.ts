/** What rules write: marks, zones, and into packets. A store that finds no such bytes in the packet does not match. */

import * as Layout from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import * as State from "../../assembly/layout/state.ts";
import { NUMBER } from "../program/values.ts";
import type { Done } from "./actions.ts";
import { headerOperand, optionName, optionOperand } from "./fields.ts";
import type { Operand } from "./instruction.ts";
import type { RuleStep } from "./types.ts";
import { hexText, numberOf, valueText } from "./values.ts";

const SHIFT_BITS = 3;
const WHERE_IT_IS = ", where the packet has it";
const DIRECTION_WORDS: Readonly<Record<number, string>> = {
  [1 << State.DIRECTION_ORIGINAL]: "original ",
  [1 << State.DIRECTION_REPLY]: "reply ",
};

export function markStep(done: Done): RuleStep {
  return { left: "meta mark set", value: hexText(registerNumber(done)) };
}

export function connectionStep(done: Done): RuleStep {
  const { x, y } = done.instruction;
  const number = registerNumber(done);
  if (x === Keys.CT_KEY_MARK) return { left: "ct mark set", value: hexText(number) };
  return { left: `ct ${DIRECTION_WORDS[y] ?? ""}zone set`, value: String(number) };
}

export function storedBytes(done: Done): RuleStep {
  const { x, length } = done.instruction;
  return storedStep(done, headerOperand(baseOf(done), { offset: x, bytes: length }, done.viewed));
}

/** The number is in the machine's order, whatever the field's is. */
export function storedBits(done: Done): RuleStep {
  const { x, y, length, options } = done.instruction;
  const place = { offset: x, bytes: length, bits: { x: options >>> SHIFT_BITS, y } };
  const { name, type } = headerOperand(baseOf(done), place, done.viewed);
  return storedStep(done, { name, type: { ...type, ...NUMBER } });
}

/** A segment without the option passes as it is (nft_exthdr_tcp_set_eval()). */
export function storedOption(done: Done): RuleStep {
  const { x, length } = done.instruction;
  const step = storedStep(done, optionOperand({ ...done.instruction, options: 0 }, { offset: x, bytes: length }));
  return done.holds ? { ...step, value: `${step.value}${WHERE_IT_IS}` } : step;
}

export function clearedOption({ instruction, holds }: Done): RuleStep {
  const left = `reset ${optionName(instruction)}`;
  if (!holds) return { left, value: "not there", operator: "is", right: "there", holds };
  return { left, value: `padding${WHERE_IT_IS}` };
}

function baseOf({ instruction: { options } }: Done): "nh" | "th" {
  return (options & Layout.STORE_TRANSPORT) === 0 ? "nh" : "th";
}

function storedStep({ context, instruction, holds, registers }: Done, { name, type }: Operand): RuleStep {
  if (!holds) return { left: name, value: "not there", operator: "is", right: "there", holds };
  const value = valueText(registers.subarray(instruction.register), type, context.interfaces);
  return { left: `${name} set`, value };
}

function registerNumber({ registers, instruction }: Done): number {
  return numberOf(registers.subarray(instruction.register), NUMBER);
}
