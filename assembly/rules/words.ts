/** Words of the packet that are computed and compared (xt_u32): an offset may follow from what stands at another one. */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import { engine } from "../memory/engine";
import { Packet } from "../packet";

const WORD: usize = 4;
const STEP_BYTES: usize = 8;
const RANGE_BYTES: usize = 8;

let value: u32 = 0;
/** Where offsets count from: the IP header, or where an `@` has led. */
let base: u32 = 0;

/** u32_mt(): whether all tests of the instruction's table hold, or not all of them. */
export function testWords(packet: Packet, at: usize): bool {
  let test: usize = load<u32>(engine, Engine.PROGRAM) + load<u32>(at, Instructions.X);
  const isInverted = load<u8>(at, Instructions.OPTIONS) != 0;
  const tests = load<u32>(test);
  test += WORD;
  for (let i: u32 = 0; i < tests; i++) {
    const steps = load<u32>(test);
    const ranges = load<u32>(test, WORD);
    const firstRange = test + WORD * 2 + <usize>steps * STEP_BYTES;
    if (!compute(packet, test + WORD * 2, steps) || !isWithin(firstRange, ranges)) return isInverted;
    test = firstRange + <usize>ranges * RANGE_BYTES;
  }
  return !isInverted;
}

/** False: a step leads out of the packet. */
function compute(packet: Packet, step: usize, steps: u32): bool {
  base = 0;
  for (let i: u32 = 0; i < steps; i++, step += STEP_BYTES) {
    const operation = load<u32>(step);
    const number = load<u32>(step, WORD);
    if (operation == Instructions.WORDS_AND) value &= number;
    else if (operation == Instructions.WORDS_LEFT) value <<= number;
    else if (operation == Instructions.WORDS_RIGHT) value >>= number;
    else {
      const next = operation == Instructions.WORDS_AT ? <u64>base + value : 0;
      if (next + number + WORD > packet.bytes) return false;
      base = <u32>next;
      value = bswap<u32>(load<u32>(packet.address + base + number));
    }
  }
  return true;
}

function isWithin(range: usize, ranges: u32): bool {
  for (let i: u32 = 0; i < ranges; i++, range += RANGE_BYTES) {
    if (load<u32>(range) <= value && value <= load<u32>(range, WORD)) return true;
  }
  return false;
}
