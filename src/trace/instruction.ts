/** One instruction as a trace reads it, and the words for what it works with. */

import * as Layout from "../../assembly/layout/instructions.ts";
import type { ValueType } from "../program/values.ts";

/** An instruction's fields (layout/instructions.ts). */
export interface InstructionFields {
  readonly operation: number;
  readonly register: number;
  readonly length: number;
  readonly options: number;
  readonly x: number;
  readonly y: number;
  /** Where a mismatch leads; some that always match keep a number here. */
  readonly fail: number;
}

/** A value that rules look at: "ip daddr". */
export interface Operand {
  readonly name: string;
  readonly type: ValueType;
}

/** The packet that instructions look at, as far as that decides what fields are called. */
export interface Viewed {
  readonly family: 4 | 6;
  readonly protocol: number;
}

export function readInstruction(image: DataView, at: number): InstructionFields {
  const operation = image.getUint8(at + Layout.OP);
  return {
    operation: operation < Layout.RUN_TEST ? operation : operation & Layout.RUN_FIRST,
    register: image.getUint8(at + Layout.REGISTER),
    length: image.getUint8(at + Layout.LENGTH),
    options: image.getUint8(at + Layout.OPTIONS),
    x: image.getUint32(at + Layout.X, true),
    y: image.getUint32(at + Layout.Y, true),
    fail: image.getUint32(at + Layout.FAIL, true),
  };
}
