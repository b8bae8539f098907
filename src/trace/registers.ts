/** What the registers of a rule hold, in words: values as they were loaded, and what has been computed of them since. */

import * as Layout from "../../assembly/layout/instructions.ts";
import { NUMBER, type ValueType, wordsOf } from "../program/values.ts";
import type { InstructionFields, Operand, Viewed } from "./instruction.ts";
import { bitsOperand } from "./operands.ts";
import { MARK } from "./values.ts";

/** A value now, and as it was loaded. */
export interface Register extends Operand {
  readonly value: Uint8Array;
  readonly loaded: Uint8Array;
  readonly swapped: boolean;
  /** Where bits have been masked away: the mask, and the bits that were flipped then. */
  readonly mask?: Uint8Array;
  readonly flipped?: number;
  /** What loaded it. */
  readonly load?: InstructionFields;
}

type Computation = (registers: Registers, instruction: InstructionFields, bytes: Uint8Array) => void;

const WORD_BYTES = 4;

/** Instructions that compute of registers, and say nothing for themselves; `bytes`: all registers behind them. */
export const COMPUTATIONS: Readonly<Record<number, Computation>> = {
  [Layout.OP_BITWISE]: (registers, { register, x, y }, bytes) =>
    registers.change(register, bytes, { mask: wordBytes(x), flipped: y }),
  [Layout.OP_BITWISE_BYTES]: (registers, { register, length, x }, bytes) =>
    registers.change(register, bytes, { mask: registers.imageBytes(x, length), flipped: 0 }),
  [Layout.OP_SWAP]: (registers, { register }) => registers.swap(register),
  [Layout.OP_FIELD]: (registers, instruction, bytes) => registers.takeBits(instruction, bytes),
  [Layout.OP_SHIFT]: (registers, { register, options, x }, bytes) => {
    const name = `${registers.nameAt(register)} ${options === 0 ? "<<" : ">>"} ${x}`;
    registers.put(register, { name, type: MARK }, bytes);
  },
  [Layout.OP_XOR]: (registers, { register, y }, bytes) => {
    const type = registers.at(register)?.type ?? MARK;
    registers.put(register, { name: `${registers.nameAt(register)} ^ ${registers.nameAt(y)}`, type }, bytes);
  },
  [Layout.OP_ADD]: (registers, { register, x }, bytes) => {
    const added = x | 0;
    const name = `${registers.nameAt(register)} ${added < 0 ? "-" : "+"} ${Math.abs(added)}`;
    registers.put(register, { name, type: NUMBER }, bytes);
  },
  [Layout.OP_HASH]: (registers, { register, length, options, x, y, fail }, bytes) => {
    const key = registers.key(register, length).map(({ name }) => name);
    const name = `jhash ${key.join(" . ")} mod ${x} seed 0x${y.toString(16)}${fail === 0 ? "" : ` offset ${fail}`}`;
    registers.put(options, { name, type: NUMBER }, bytes);
  },
};

export class Registers {
  readonly #image: DataView;
  readonly #viewed: Viewed;
  /** By their offsets. */
  readonly #held = new Map<number, Register>();

  constructor(image: DataView, viewed: Viewed) {
    this.#image = image;
    this.#viewed = viewed;
  }

  at(register: number): Register | undefined {
    return this.#held.get(register);
  }

  nameAt(register: number): string {
    return this.#held.get(register)?.name ?? "a value";
  }

  /** The value that an instruction has left in a register. */
  put(register: number, operand: Operand, bytes: Uint8Array, load?: InstructionFields): void {
    const value = wordsAt(bytes, register, operand.type);
    const source = load === undefined ? {} : { load };
    this.#held.set(register, { ...operand, value, loaded: value, swapped: false, ...source });
  }

  /** The value has changed, and is still told as it was loaded. */
  change(register: number, bytes: Uint8Array, changes: Pick<Register, "mask" | "flipped">): void {
    const held = this.#held.get(register);
    if (held === undefined) return;
    const value = bytes.slice(register, register + held.value.length);
    this.#held.set(register, { ...held, value, ...changes });
  }

  swap(register: number): void {
    const held = this.#held.get(register);
    if (held !== undefined)
      this.#held.set(register, { ...held, value: held.value.toReversed(), swapped: !held.swapped });
  }

  /** Bits of a header are a field of their own; other numbers only take another form. */
  takeBits({ register, options, x, y }: InstructionFields, bytes: Uint8Array): void {
    const held = this.#held.get(register);
    if (held === undefined) return;
    const form: ValueType = options === 0 ? NUMBER : { bytes: options, order: "network" };
    const field = held.load && isPart(x, y) ? bitsOperand(held.load, { x, y }, this.#viewed) : undefined;
    const isSameForm = field !== undefined && options !== 0;
    const { names, bits } = (field ?? held).type;
    const type = isSameForm ? field.type : { ...form, ...(names && { names }), ...(bits && { bits }) };
    this.put(register, { name: (field ?? held).name, type }, bytes);
  }

  /** The registers that make a key, in their order. */
  key(register: number, length: number): readonly Register[] {
    const parts: Register[] = [];
    for (let at = register; at < register + length; ) {
      const part = this.#held.get(at);
      if (part === undefined) return [];
      parts.push(part);
      at += part.value.length;
    }
    return parts;
  }

  /** A constant of the program. */
  imageBytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#image.buffer, this.#image.byteOffset + at, length);
  }
}

export function wordBytes(word: number): Uint8Array {
  const bytes = new Uint8Array(WORD_BYTES);
  new DataView(bytes.buffer).setUint32(0, word, true);
  return bytes;
}

function isPart(shift: number, mask: number): boolean {
  return shift !== 0 || mask !== 0xffffffff;
}

/** A value takes whole words. */
function wordsAt(bytes: Uint8Array, register: number, type: ValueType): Uint8Array {
  return bytes.slice(register, register + wordsOf([type]) * WORD_BYTES);
}
