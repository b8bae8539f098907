/** Rules that match by chance (xt_statistic, mode random). */

import * as Instructions from "../layout/instructions";
import { givenSuccess, isDrawGiven } from "../follow/trial";
import { random } from "../memory/random";

/** Probabilities have 31 bits: this one is certain. */
const CERTAIN: u32 = 0x8000_0000;

/** Whether the instruction's draw succeeds, or the capture shows that it did. What is certain is no draw. */
export function succeeds(at: usize): bool {
  const probability = load<u32>(at, Instructions.X);
  if (probability == 0 || probability >= CERTAIN) return probability != 0;
  return isDrawGiven() ? givenSuccess() : (random() & (CERTAIN - 1)) < probability;
}
