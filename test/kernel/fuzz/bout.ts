/** One seed in one arena, from a fresh kernel and a fresh engine to the first difference or the end. */

import { Conversation, type Turn } from "../conversation.ts";
import { Difference, Duel } from "./duel.ts";
import { play } from "./play.ts";
import type { Arena } from "./settings.ts";

export interface Bout {
  readonly turns: readonly Turn[];
  readonly difference?: Difference;
}

/**
 * A wait, in milliseconds. Deadlines are whole seconds: bursts of frames, short as they are, never come at the time when
 * the connections of an earlier burst end.
 */
const WAIT = 600;

export async function bout(arena: Arena, seed: number, frames: number): Promise<Bout> {
  const duel = await Duel.begin(arena);
  const talk = new Conversation(duel);
  return finished(duel, talk, () => play(talk, arena, seed, frames, () => wait(duel, WAIT)));
}

/** Sends the frames of turns again, at their times. */
export async function replayed(arena: Arena, turns: readonly Turn[]): Promise<Bout> {
  const duel = await Duel.begin(arena);
  const talk = new Conversation(duel);
  const [first] = turns;
  const startedAt = process.hrtime.bigint();
  return finished(duel, talk, () => {
    for (const { time, link, frame } of turns) {
      const early = Number(time - first!.time - (process.hrtime.bigint() - startedAt)) / 1e6;
      if (early >= WAIT / 2) wait(duel, early);
      talk.sendFrame(link, frame);
    }
  });
}

/** Plays, compares all that is to be compared, and cleans up. */
function finished(duel: Duel, talk: Conversation, work: () => void): Bout {
  try {
    work();
    duel.compareConnections();
    duel.compareCounters();
    return { turns: talk.turns };
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    return { turns: [...talk.turns, ...duel.unfinished], difference: error };
  } finally {
    duel.close();
  }
}

function wait(duel: Duel, milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  duel.collectExpired();
}
