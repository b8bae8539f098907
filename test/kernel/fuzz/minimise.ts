/** Makes a failing conversation short: frames are left out, many at a time and then one by one, while it still fails. */

import type { Turn } from "../conversation.ts";
import { type Bout, replayed } from "./bout.ts";
import type { Arena } from "./settings.ts";

/** However hard it is, it ends. */
const REPLAYS_MAX = 150;

/** The shortest conversation found that still differs in the same place; undefined: repeated, it does not differ. */
export async function minimised(arena: Arena, failed: Bout): Promise<Bout | undefined> {
  let replays = 0;
  let best = await failsAgain(failed.turns);
  if (best === undefined) return undefined;
  for (let size = best.turns.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.turns.length; ) {
      const shorter: Bout | undefined = await failsAgain(best.turns.toSpliced(at, size));
      if (shorter === undefined) at += size;
      else best = shorter;
    }
  }
  return best;

  async function failsAgain(turns: readonly Turn[]): Promise<Bout | undefined> {
    if (turns.length === 0 || ++replays > REPLAYS_MAX) return undefined;
    const again = await replayed(arena, turns);
    return again.difference?.place === failed.difference?.place ? again : undefined;
  }
}
