/** Numbers from one form into another: packets hold them in network order, the engine's own are in the machine's. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { RuleBuilder } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import type { ValueType } from "./values.ts";

/** Turns a number into one of another type: its order and its bytes. */
export function convert(rule: RuleBuilder, register: number, from: ValueType, to: ValueType): void {
  if (from.order === to.order && (from.order === "machine" || from.bytes === to.bytes)) return;
  if (from.bytes > 4 || to.bytes > 4) throw new Uncompilable("a number is wanted here");
  if (from.order === "machine") rule.emit({ operation: Instructions.OP_SWAP, register });
  rule.emit({
    operation: Instructions.OP_FIELD,
    register,
    length: from.order === "machine" ? 4 : from.bytes,
    options: to.order === "machine" ? 0 : to.bytes,
    x: 0,
    y: 0xffffffff,
  });
}
