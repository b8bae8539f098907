/** What a replay on several threads says when it was interrupted: each may have come to another packet. */

import type { ReplayTally } from "./replay.ts";

/** The shard that has come least far: what all of them have dealt with ends where its packets do. */
export function leastFar(tallies: readonly ReplayTally[]): ReplayTally {
  const [first, ...others] = tallies;
  if (first === undefined) throw new Error("a replay has one shard at least");
  return others.reduce((least, tally) => (tally.run.packets < least.run.packets ? tally : least), first);
}

/** Nothing, where all have come equally far. */
export function partialWarnings(tallies: readonly ReplayTally[]): string[] {
  const packets = tallies.map(({ run }) => run.packets);
  const [least, most] = [Math.min(...packets), Math.max(...packets)];
  if (least === most) return [];
  return [
    `interrupted: all workers had come to packet ${least}, one to packet ${most}; of the packets between only some are counted and written`,
  ];
}
