/** Conversations in all arenas by turns, and what came of it. */

import { type Bout, bout } from "./bout.ts";
import type { Arena } from "./settings.ts";

export interface Failure {
  readonly arena: Arena;
  readonly seed: number;
  readonly bout: Bout;
}

export interface Tally {
  /** Conversations, each of a seed of its own. */
  bouts: number;
  frames: number;
  /** Frames by the version of IP that their Ethernet type says. */
  frames4: number;
  frames6: number;
  arenas: Set<string>;
  readonly failures: Failure[];
}

export const FRAMES_PER_BOUT = 1000;

/** Plays in one arena after the other, each time with the next seed, until `isOver` says so. */
export async function run(
  arenas: readonly Arena[],
  firstSeed: number,
  isOver: (tally: Tally) => boolean,
): Promise<Tally> {
  const tally: Tally = { bouts: 0, frames: 0, frames4: 0, frames6: 0, arenas: new Set(), failures: [] };
  while (!isOver(tally)) await playInto(tally, arenas[tally.bouts % arenas.length]!, firstSeed + tally.bouts);
  return tally;
}

async function playInto(tally: Tally, arena: Arena, seed: number): Promise<void> {
  const played = await bout(arena, seed, FRAMES_PER_BOUT);
  tally.bouts++;
  tally.arenas.add(arena.name);
  tally.frames += played.turns.length;
  for (const { frame } of played.turns) {
    if (frame[12] === 0x08) tally.frames4++;
    else tally.frames6++;
  }
  if (played.difference !== undefined) tally.failures.push({ arena, seed, bout: played });
}
