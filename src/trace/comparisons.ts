/** Comparisons of a register with constants: as it was loaded, whatever has been masked away since. */

import * as Layout from "../../assembly/layout/instructions.ts";
import type { ValueType } from "../program/values.ts";
import type { TraceContext } from "./context.ts";
import type { InstructionFields } from "./instruction.ts";
import { type Register, type Registers, wordBytes } from "./registers.ts";
import type { RuleStep } from "./types.ts";
import { hexText, numberOf, valueText } from "./values.ts";

type Comparison = (context: TraceContext, registers: Registers, instruction: InstructionFields) => RuleStep;

const WORDS: Readonly<Record<number, string>> = {
  [Layout.COMPARE_EQUAL]: "==",
  [Layout.COMPARE_NOT_EQUAL]: "!=",
  [Layout.COMPARE_LESS]: "<",
  [Layout.COMPARE_LESS_EQUAL]: "<=",
  [Layout.COMPARE_GREATER]: ">",
  [Layout.COMPARE_GREATER_EQUAL]: ">=",
};
const WORD_BYTES = 4;

export const COMPARISONS: Readonly<Record<number, Comparison>> = {
  [Layout.OP_COMPARE]: (context, registers, instruction) =>
    compared(context, registers, instruction, wordBytes(instruction.x)),
  [Layout.OP_COMPARE_BYTES]: (context, registers, instruction) =>
    compared(context, registers, instruction, registers.imageBytes(instruction.y, instruction.length)),
  [Layout.OP_RANGE]: ranged,
};

function compared(
  { interfaces }: TraceContext,
  registers: Registers,
  { register, options }: InstructionFields,
  right: Uint8Array,
): RuleStep {
  const held = registers.at(register);
  const operator = WORDS[options] ?? "?";
  if (held === undefined) return { left: "a value", value: "", operator, right: hexBytes(right) };
  if (held.mask !== undefined) return maskedStep(held, operator, right, interfaces);
  const value = valueText(held.loaded, held.type, interfaces);
  return { left: held.name, value, operator, right: constantText(held, right, interfaces) };
}

function ranged({ interfaces }: TraceContext, registers: Registers, instruction: InstructionFields): RuleStep {
  const { register, length, options, x, y } = instruction;
  const operator = options === 0 ? "in" : "not in";
  const [low, high] = [registers.imageBytes(x, length), registers.imageBytes(y, length)];
  const held = registers.at(register);
  if (held === undefined) return { left: "a value", value: "", operator, right: `${hexBytes(low)}-${hexBytes(high)}` };
  const text = (bytes: Uint8Array) => constantText(held, bytes, interfaces);
  const value = valueText(held.loaded, held.type, interfaces);
  return { left: held.name, value, operator, right: `${text(low)}-${text(high)}` };
}

/** A constant has the form that the register has by then. */
function constantText({ swapped, type }: Register, bytes: Uint8Array, interfaces: readonly string[]): string {
  return valueText(swapped ? bytes.toReversed() : bytes, type, interfaces);
}

function hexBytes(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** A prefix, bits of a set, or plain arithmetic. */
function maskedStep(held: Register, operator: string, right: Uint8Array, interfaces: readonly string[]): RuleStep {
  const { name, type, loaded, value, mask = new Uint8Array(), flipped = 0 } = held;
  const before = valueText(loaded, type, interfaces);
  const length = prefixLength(mask);
  if (isAddress(type) && length !== undefined) {
    const prefix = `${valueText(right, type, interfaces)}/${length}`;
    return { left: name, value: before, operator: operator === "==" ? "in" : "not in", right: prefix };
  }
  const isNumber = type.bytes <= WORD_BYTES && !isAddress(type);
  const text = (bytes: Uint8Array) => (isNumber ? hexText(numberOf(bytes, type)) : valueText(bytes, type, interfaces));
  if (type.bits && numberOf(right, type) === 0) {
    const bits = valueText(mask, type, interfaces);
    return { left: name, value: before, operator: operator === "!=" ? "has one of" : "has none of", right: bits };
  }
  const arithmetic = `${name} & ${text(mask)}${flipped === 0 ? "" : ` ^ ${hexText(flipped)}`}`;
  return { left: arithmetic, value: text(value), operator, right: text(right) };
}

function isAddress(type: ValueType): boolean {
  return type.order === "network" && (type.bytes === 4 || type.bytes === 16) && type.names === undefined;
}

/** How many leading bits a mask has; undefined if it is none of a prefix. */
function prefixLength(mask: Uint8Array): number | undefined {
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}
