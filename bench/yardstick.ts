/** A fixed job, the one of reference/plain.ts, that shows how fast the machine is at the moment. */

import { preparePlain } from "./reference/plain.ts";

const CONNECTIONS = 1000;
const WARM_UP = 3;

export const YARDSTICK = "yardstick (plain JavaScript, ns)";

/** Runs rounds of a job, each with a round of the yardstick before it. */
export async function measured<T>(
  rounds: number,
  job: () => T | Promise<T>,
): Promise<{ results: T[]; yardstick: number[] }> {
  const plain = preparePlain(CONNECTIONS);
  for (let round = 0; round < WARM_UP; round++) plain();
  const results: T[] = [];
  const yardstick: number[] = [];
  for (let round = 0; round < rounds; round++) {
    yardstick.push(plain());
    results.push(await job());
  }
  return { results, yardstick };
}
