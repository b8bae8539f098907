/** TCP options as hosts send them: of SYNs, timestamps, and what was received out of order. */

import { concat, uint16, uint32 } from "../../../support/bytes.ts";
import type { Random } from "../../../support/random.ts";

export function synOptions(random: Random): Uint8Array {
  const parts = [uint16(0x0204), uint16(1460)];
  if (random.once(2)) parts.push(Uint8Array.of(4, 2, 1, 1));
  if (random.once(2)) parts.push(Uint8Array.of(1, 3, 3, random.below(16)));
  return random.once(4) ? new Uint8Array(0) : concat(...parts);
}

export function timestamps(random: Random): Uint8Array {
  return concat([1, 1, 8, 10], uint32(random.below(1000)), uint32(random.below(1000)));
}

/** Up to three blocks of what the other side has sent, or not yet. */
export function sack(next: number, random: Random): Uint8Array {
  const blocks = Array.from({ length: 1 + random.below(3) }, () => {
    const from = (next + (random.below(200_000) - 100_000)) >>> 0;
    return concat(uint32(from), uint32((from + 1 + random.below(1460)) >>> 0));
  });
  return concat([1, 1, 5, 2 + 8 * blocks.length], ...blocks);
}
