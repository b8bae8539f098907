/** Instructions that compute with registers and compare them. A comparison says whether it holds. */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import { engine } from "../memory/engine";
import { register, registerOf } from "./registers";

/** register = (register & X) ^ Y */
export function bitwise(at: usize): bool {
  const value = registerOf(at);
  store<u32>(value, (load<u32>(value) & load<u32>(at, Instructions.X)) ^ load<u32>(at, Instructions.Y));
  return true;
}

/** The same for LENGTH bytes, a multiple of four, with mask and xor in the program. */
export function bitwiseBytes(at: usize): bool {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const mask = program + load<u32>(at, Instructions.X);
  const xor = program + load<u32>(at, Instructions.Y);
  const value = registerOf(at);
  const bytes: usize = load<u8>(at, Instructions.LENGTH);
  for (let i: usize = 0; i < bytes; i += 4) {
    store<u32>(value + i, (load<u32>(value + i) & load<u32>(mask + i)) ^ load<u32>(xor + i));
  }
  return true;
}

/** register = register ^ register Y */
export function xor(at: usize): bool {
  const value = registerOf(at);
  store<u32>(value, load<u32>(value) ^ load<u32>(register(load<u32>(at, Instructions.Y))));
  return true;
}

/** register = register + X, from 0 to Y; X is signed. */
export function add(at: usize): bool {
  const value = registerOf(at);
  const sum: i64 = <i64>load<u32>(value) + <i64>load<i32>(at, Instructions.X);
  store<u32>(value, <u32>min<i64>(max<i64>(sum, 0), <i64>load<u32>(at, Instructions.Y)));
  return true;
}

/** Turns a number of the machine's order into one that compares like bytes, and back. */
export function swap(at: usize): bool {
  const value = registerOf(at);
  store<u32>(value, bswap<u32>(load<u32>(value)));
  return true;
}

/** Bits of the network-order number at the register as a number of their own: shifted by X, masked by Y. */
export function field(at: usize): bool {
  const value = registerOf(at);
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  const number = bswap<u32>(load<u32>(value)) >> ((4 - bytes) << 3);
  const bits = (number >> load<u32>(at, Instructions.X)) & load<u32>(at, Instructions.Y);
  const resultBytes: u32 = load<u8>(at, Instructions.OPTIONS);
  store<u32>(value, resultBytes == 0 ? bits : bswap<u32>(bits) >> ((4 - resultBytes) << 3));
  return true;
}

/** A number in the machine's order, by X bits. */
export function shift(at: usize): bool {
  const value = registerOf(at);
  const bits = load<u32>(at, Instructions.X);
  const number = load<u32>(value);
  store<u32>(value, load<u8>(at, Instructions.OPTIONS) != 0 ? number >> bits : number << bits);
  return true;
}

/** Four bytes with X. */
export function compare(at: usize): bool {
  const left = load<u32>(registerOf(at));
  const right = load<u32>(at, Instructions.X);
  const comparison: u32 = load<u8>(at, Instructions.OPTIONS);
  if (comparison == Instructions.COMPARE_EQUAL) return left == right;
  if (comparison == Instructions.COMPARE_NOT_EQUAL) return left != right;
  const leftNumber = bswap<u32>(left);
  const rightNumber = bswap<u32>(right);
  return holds(comparison, leftNumber < rightNumber ? -1 : i32(leftNumber > rightNumber));
}

/** LENGTH bytes with those at Y. */
export function compareBytes(at: usize): bool {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const order = memory.compare(registerOf(at), program + load<u32>(at, Instructions.Y), load<u8>(at, Instructions.LENGTH));
  return holds(load<u8>(at, Instructions.OPTIONS), order);
}

/** LENGTH bytes between those at X and those at Y, both included; OPTIONS 1: outside. */
export function range(at: usize): bool {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const value = registerOf(at);
  const bytes: usize = load<u8>(at, Instructions.LENGTH);
  const isInside = memory.compare(value, program + load<u32>(at, Instructions.X), bytes) >= 0
    && memory.compare(value, program + load<u32>(at, Instructions.Y), bytes) <= 0;
  return isInside != (load<u8>(at, Instructions.OPTIONS) != 0);
}

/** Whether a comparison holds for two values of which memcmp() said `order`. */
function holds(comparison: u32, order: i32): bool {
  if (comparison == Instructions.COMPARE_EQUAL) return order == 0;
  if (comparison == Instructions.COMPARE_NOT_EQUAL) return order != 0;
  if (comparison == Instructions.COMPARE_LESS) return order < 0;
  if (comparison == Instructions.COMPARE_LESS_EQUAL) return order <= 0;
  return comparison == Instructions.COMPARE_GREATER ? order > 0 : order >= 0;
}
