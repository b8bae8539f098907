/** What the operands of instructions refer to, for whoever wants to know a program without its places. */

import * as Instructions from "../../assembly/layout/instructions.ts";

/** What the words X and Y of an instruction mean, where they are offsets; a number: of so many bytes. */
export type Meaning = "chain" | "set" | "verdicts" | "list" | "bytes" | "service" | "endpoints" | number;

export interface Meanings {
  readonly x?: Meaning;
  readonly y?: Meaning;
}

const MEANINGS: Readonly<Record<number, Meanings>> = {
  [Instructions.OP_JUMP]: { x: "chain" },
  [Instructions.OP_GOTO]: { x: "chain" },
  [Instructions.OP_LOOKUP]: { x: "set" },
  [Instructions.OP_MAP]: { x: "set" },
  [Instructions.OP_UPDATE_SET]: { x: "set" },
  [Instructions.OP_VERDICT_MAP]: { x: "verdicts" },
  [Instructions.OP_RECENT]: { x: "list" },
  [Instructions.OP_LOAD_BYTES]: { y: "bytes" },
  [Instructions.OP_BITWISE_BYTES]: { x: "bytes", y: "bytes" },
  [Instructions.OP_COMPARE_BYTES]: { y: "bytes" },
  [Instructions.OP_RANGE]: { x: "bytes", y: "bytes" },
  [Instructions.OP_COUNTER]: { x: Instructions.COUNTER_BYTES },
  [Instructions.OP_LIMIT]: { x: Instructions.LIMIT_STATE_BYTES, y: 24 },
  [Instructions.OP_QUOTA]: { x: Instructions.QUOTA_STATE_BYTES, y: 8 },
  [Instructions.OP_SERVICE]: { x: "service" },
  [Instructions.OP_ENDPOINT]: { x: "endpoints" },
};
/** OPTIONS of a state that does not stand at X. */
export const STATE_ELSEWHERE = Instructions.STATE_OF_ELEMENT | Instructions.STATE_AT_REGISTER;
/** Instructions that have something else in the place of FAIL. */
export const FAILLESS = [Instructions.OP_LOAD_NUMBER, Instructions.OP_HASH];

export function meaningsOf(operation: number): Meanings {
  return MEANINGS[operation] ?? {};
}
