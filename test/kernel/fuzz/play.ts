/** A seed's traffic: actors of all kinds take turns, in an order that the dice choose. */

import { Random } from "../../support/random.ts";
import type { Conversation } from "../conversation.ts";
import { FAMILIES, type Family } from "../services.ts";
import type { Arena } from "./settings.ts";
import { pinging, portlessExchange, udpExchange } from "./traffic/datagrams.ts";
import { complaints, crowd, stranger } from "./traffic/others.ts";
import { association } from "./traffic/sctp.ts";
import { type Actor, type Mishaps, Stage } from "./traffic/stage.ts";
import { tcpConversation } from "./traffic/tcp.ts";

type Kind = (stage: Stage) => Actor;

/** With how often they come on. */
const KINDS: readonly (readonly [Kind, weight: number])[] = [
  [tcpConversation, 10],
  [udpExchange, 5],
  [pinging, 3],
  [association, 2],
  [portlessExchange, 1],
  [complaints, 4],
  [stranger, 3],
  [crowd, 3],
];
const FAMILY_CHOICES: readonly (readonly Family[])[] = [FAMILIES, ["ip4"], ["ip6"]];
const MISHAP_CHOICES: readonly Mishaps[] = [
  { fragmented: 0, damaged: 0, oddHeader: 0 },
  { fragmented: 12, damaged: 20, oddHeader: 20 },
  { fragmented: 3, damaged: 0, oddHeader: 0 },
  { fragmented: 30, damaged: 3, oddHeader: 3 },
];
const ON_STAGE_MAX = 16;

/** Plays about `frames` frames; the same for the same seed as long as the node answers the same. */
export function play(talk: Conversation, arena: Arena, seed: number, frames: number, wait: () => void): void {
  const random = new Random(seed);
  const stage = new Stage(talk, random, arena.targets, random.pick(FAMILY_CHOICES), random.pick(MISHAP_CHOICES));
  const casting = KINDS.flatMap(([kind, weight]) => Array<Kind>(random.below(weight + 1)).fill(kind));
  const onStageMax = 1 + random.below(ON_STAGE_MAX);
  const actors: Actor[] = [];
  while (talk.turns.length < frames) {
    while (actors.length < onStageMax)
      actors.push(random.pick(casting.length > 0 ? casting : [tcpConversation])(stage));
    const index = random.below(actors.length);
    if (actors[index]!.next().done) actors.splice(index, 1);
    if (arena.waits && random.once(frames / 8)) wait();
  }
}
