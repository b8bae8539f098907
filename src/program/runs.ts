/** Which of a rule's instructions begin a run that the engine carries out at once (RUN_* of assembly/layout/instructions.ts). */

import * as Layout from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import { IP4_SIZE, PORTS_SIZE } from "../../assembly/layout/wire.ts";
import type { Instruction } from "./rule.ts";

const WORD_BYTES = 4;
const TUPLE_LOADS = 3;

/** Keys of packets and connections whose values are one word. */
const META_WORDS: ReadonlySet<number> = new Set([
  Keys.META_MARK,
  Keys.META_PROTOCOL,
  Keys.META_FAMILY,
  Keys.META_LENGTH,
  Keys.META_IN,
  Keys.META_OUT,
]);
const CT_WORDS: ReadonlySet<number> = new Set([Keys.CT_KEY_STATE, Keys.CT_KEY_STATUS]);

/** What stands in the OP of each instruction: its own operation, or that of the run that begins with it. */
export function operationsOf(instructions: readonly Instruction[]): number[] {
  const operations = instructions.map(({ operation }) => operation);
  for (let at = 0; at < instructions.length; at++) {
    const loads = wordLoadsAt(instructions, at);
    if (loads === 0) continue;
    const test = loads === 1 ? testOf(instructions, at) : 0;
    const keys = isTupleAt(instructions, at + loads - TUPLE_LOADS, at) ? loads - TUPLE_LOADS : loads;
    if (keys > 0) operations[at]! |= test === 0 ? Layout.RUN_KEY : test;
    if (keys < loads) operations[at + keys]! |= Layout.RUN_TUPLE;
    at += loads - 1;
  }
  return operations;
}

/** How many loads stand here, if all are of one word. */
function wordLoadsAt(instructions: readonly Instruction[], at: number): number {
  let end = at;
  for (; end < instructions.length && instructions[end]!.operation <= Layout.OP_LOAD_CT; end++) {
    if (!isWordLoad(instructions[end]!)) return 0;
  }
  return end - at;
}

/** Whether the loads from `at` on, none of them before `first`, are those of RUN_TUPLE. */
function isTupleAt(instructions: readonly Instruction[], at: number, first: number): boolean {
  if (at < first) return false;
  const [address, protocol, port] = instructions.slice(at, at + TUPLE_LOADS) as [Instruction, Instruction, Instruction];
  const { register = 0 } = address;
  return (
    address.operation === Layout.OP_LOAD_NETWORK &&
    address.length === WORD_BYTES &&
    isInHeader(address, IP4_SIZE) &&
    protocol.operation === Layout.OP_LOAD_META &&
    protocol.x === Keys.META_PROTOCOL &&
    protocol.register === register + 4 &&
    port.operation === Layout.OP_LOAD_TRANSPORT &&
    port.length === 2 &&
    isInHeader(port, PORTS_SIZE) &&
    port.register === register + 8
  );
}

/** What is loaded stands within so many bytes of its header. */
function isInHeader({ x = 0, length = 0 }: Instruction, bytes: number): boolean {
  return x + length <= bytes;
}

/** RUN_TEST or RUN_MASKED, if the loaded word is compared behind the load; else 0. */
function testOf(instructions: readonly Instruction[], at: number): number {
  const [load, next, second] = [instructions[at]!, instructions[at + 1], instructions[at + 2]];
  if (isTestOf(next, load)) return Layout.RUN_TEST;
  const isMasked = next?.operation === Layout.OP_BITWISE && next.register === load.register;
  return isMasked && isTestOf(second, load) ? Layout.RUN_MASKED : 0;
}

function isWordLoad({ operation, length = 0, x = 0 }: Instruction): boolean {
  switch (operation) {
    case Layout.OP_LOAD_NETWORK:
    case Layout.OP_LOAD_TRANSPORT:
      return length === 1 || length === 2 || length === WORD_BYTES;
    case Layout.OP_LOAD_META:
      return META_WORDS.has(x);
    case Layout.OP_LOAD_CT:
      return CT_WORDS.has(x);
    default:
      return false;
  }
}

function isTestOf(instruction: Instruction | undefined, load: Instruction): boolean {
  if (instruction?.operation !== Layout.OP_COMPARE || instruction.register !== load.register) return false;
  return instruction.options === Layout.COMPARE_EQUAL || instruction.options === Layout.COMPARE_NOT_EQUAL;
}
