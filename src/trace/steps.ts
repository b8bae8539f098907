/**
 * The instructions of one rule → what it compared, looked up and did. Nothing here knows which rule it is but for the
 * elements of sets: an instruction that is not known here is told by its number, and the rule's text says the rest.
 */

import * as Layout from "../../assembly/layout/instructions.ts";
import type { ValueType } from "../program/values.ts";
import type { Rule } from "../ruleset/types.ts";
import { doneStep } from "./actions.ts";
import type { TraceContext } from "./context.ts";
import { LookupNames, type Register } from "./lookups.ts";
import { type InstructionFields, loadedOperand, type Operand, type Viewed } from "./operands.ts";
import type { TraceRecord } from "./records.ts";
import type { Place, RuleStep } from "./types.ts";
import { hexText, numberOf, valueText } from "./values.ts";

const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="];
const LOADS: ReadonlySet<number> = new Set([
  Layout.OP_LOAD_NETWORK,
  Layout.OP_LOAD_TRANSPORT,
  Layout.OP_LOAD_META,
  Layout.OP_LOAD_CT,
  Layout.OP_LOAD_FIB,
  Layout.OP_LOAD_NUMBER,
]);
/** They say nothing that the verdict of the rule does not say. */
const SILENT: ReadonlySet<number> = new Set([
  Layout.OP_LOAD_VALUE,
  Layout.OP_LOAD_BYTES,
  Layout.OP_COUNTER,
  Layout.OP_ACCEPT,
  Layout.OP_DROP,
  Layout.OP_RETURN,
  Layout.OP_JUMP,
  Layout.OP_GOTO,
  Layout.OP_CHAIN_END,
  Layout.OP_CONTINUE,
  Layout.OP_QUEUE,
]);
const WORD_BYTES = 4;

export function readInstruction({ image }: TraceContext, at: number): InstructionFields {
  return {
    operation: image.getUint8(at + Layout.OP),
    register: image.getUint8(at + Layout.REGISTER),
    length: image.getUint8(at + Layout.LENGTH),
    options: image.getUint8(at + Layout.OPTIONS),
    x: image.getUint32(at + Layout.X, true),
    y: image.getUint32(at + Layout.Y, true),
  };
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
  /** What the registers hold, by their offsets. */
  readonly #registers = new Map<number, Register>();

  constructor(context: TraceContext, viewed: Viewed, lookups: LookupNames) {
    this.#context = context;
    this.#viewed = viewed;
    this.#lookups = lookups;
  }

  read({ at, outcome, registers = new Uint8Array() }: TraceRecord): readonly RuleStep[] {
    const instruction = readInstruction(this.#context, at);
    const { operation, register } = instruction;
    const held = this.#registers.get(register);
    const bytes = registers.subarray(register);
    if (LOADS.has(operation)) return this.#load(instruction, outcome, bytes);
    if (SILENT.has(operation)) return [];
    switch (operation) {
      case Layout.OP_BITWISE:
      case Layout.OP_BITWISE_BYTES:
        return this.#mask(instruction, bytes);
      case Layout.OP_SWAP:
        if (held !== undefined) this.#registers.set(register, { ...held, swapped: !held.swapped });
        return [];
      case Layout.OP_COMPARE:
      case Layout.OP_COMPARE_BYTES:
      case Layout.OP_RANGE:
        return held === undefined ? [] : [this.#compare(instruction, outcome, held)];
      case Layout.OP_LOOKUP:
      case Layout.OP_MAP:
      case Layout.OP_VERDICT_MAP:
      case Layout.OP_UPDATE_SET:
        return [this.#lookups.step(instruction, outcome, this.#key(instruction))];
      default:
        return [doneStep(this.#context, this.#viewed, instruction, outcome, registers)];
    }
  }

  /** Of a load only its failure is a step: what it loaded is told where it is compared. */
  #load(instruction: InstructionFields, outcome: number, bytes: Uint8Array): readonly RuleStep[] {
    const operand: Operand | undefined = loadedOperand(instruction, this.#viewed);
    if (operand === undefined) return [];
    if (outcome === 0)
      return [{ left: operand.name, value: "not there", operator: "is", right: "there", holds: false }];
    const value = bytes.slice(0, Math.max(operand.type.bytes, WORD_BYTES));
    this.#registers.set(instruction.register, { ...operand, value, loaded: value, swapped: false });
    return [];
  }

  #mask({ operation, register, x, y, length }: InstructionFields, bytes: Uint8Array): readonly RuleStep[] {
    const held = this.#registers.get(register);
    if (held === undefined) return [];
    const { image } = this.#context;
    const mask = operation === Layout.OP_BITWISE ? wordBytes(x) : imageBytes(image, x, length);
    const flipped = operation === Layout.OP_BITWISE ? y : 0;
    this.#registers.set(register, { ...held, value: bytes.slice(0, held.value.length), mask, flipped });
    return [];
  }

  #compare(instruction: InstructionFields, outcome: number, held: Register): RuleStep {
    const { operation, options, length, x, y } = instruction;
    const { image, interfaces } = this.#context;
    const holds = outcome !== 0;
    const text = (bytes: Uint8Array) => valueText(held.swapped ? bytes.toReversed() : bytes, held.type, interfaces);
    if (operation === Layout.OP_RANGE) {
      const right = `${text(imageBytes(image, x, length))}-${text(imageBytes(image, y, length))}`;
      return {
        left: held.name,
        value: text(swappedLike(held, held.loaded)),
        operator: options === 0 ? "in" : "not in",
        right,
        holds,
      };
    }
    const right = operation === Layout.OP_COMPARE ? wordBytes(x) : imageBytes(image, y, length);
    const operator = COMPARISONS[options] ?? "?";
    if (held.mask !== undefined) return { ...maskedStep(held, operator, right, interfaces), holds };
    return {
      left: held.name,
      value: valueText(held.loaded, held.type, interfaces),
      operator,
      right: text(right),
      holds,
    };
  }

  /** The registers that make the key, in their order. */
  #key({ register, length }: InstructionFields): readonly Register[] {
    const parts: Register[] = [];
    for (let at = register; at < register + length; ) {
      const part = this.#registers.get(at);
      if (part === undefined) return [];
      parts.push(part);
      at += part.value.length;
    }
    return parts;
  }
}

/** A prefix, bits of a set, or plain arithmetic. */
function maskedStep(
  held: Register,
  operator: string,
  right: Uint8Array,
  interfaces: readonly string[],
): Omit<RuleStep, "holds"> {
  const { name, type, loaded, value, mask = new Uint8Array(), flipped = 0 } = held;
  const before = valueText(loaded, type, interfaces);
  const length = prefixLength(mask);
  if (isAddress(type) && length !== undefined) {
    const prefix = `${valueText(right, type, interfaces)}/${length}`;
    return { left: name, value: before, operator: operator === "==" ? "in" : "not in", right: prefix };
  }
  if (type.bits && numberOf(right, { ...type, bytes: WORD_BYTES, order: "machine" }) === 0) {
    const bits = valueText(mask, type, interfaces);
    return { left: name, value: before, operator: operator === "!=" ? "has one of" : "has none of", right: bits };
  }
  const number = (bytes: Uint8Array) => hexText(numberOf(bytes, { ...type, bytes: WORD_BYTES, order: "machine" }));
  const arithmetic = `${name} & ${number(mask)}${flipped === 0 ? "" : ` ^ ${hexText(flipped)}`}`;
  return { left: arithmetic, value: number(value), operator, right: number(right) };
}

function isAddress(type: ValueType): boolean {
  return type.order === "network" && type.bytes >= WORD_BYTES && type.names === undefined;
}

/** How many leading bits a mask has; undefined if it is none of a prefix. */
function prefixLength(mask: Uint8Array): number | undefined {
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}

function swappedLike({ swapped }: Register, bytes: Uint8Array): Uint8Array {
  return swapped ? bytes.toReversed() : bytes;
}

function wordBytes(word: number): Uint8Array {
  const bytes = new Uint8Array(WORD_BYTES);
  new DataView(bytes.buffer).setUint32(0, word, true);
  return bytes;
}

function imageBytes(image: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(image.buffer, image.byteOffset + at, length);
}
