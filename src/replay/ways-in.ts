/**
 * The interfaces that packets came in by, where a capture tells none, or a bridge's port: the engine works it out, by the
 * source, for the packets that meet rules; those of the same source that go the short way after them came in by the same.
 */

import { NO_INTERFACE } from "../../assembly/layout/descriptor.ts";
import { GENERATION } from "../../assembly/layout/engine.ts";
import type { Outcome } from "../engine/descriptors.ts";
import type { Engine } from "../engine/instance.ts";

export class WaysIn {
  readonly #engine: Engine;
  /** What the engine has made of the interface that was captured, by that one and the source. */
  readonly #ways = new Map<string, number>();
  #generation = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** What became of the next packet, with its way in. `captured`: the interface that its descriptor named before. */
  complete(outcome: Outcome, captured: number, source: string | undefined): Outcome {
    this.#forgetEarlierPrograms();
    const { connection, inInterface = NO_INTERFACE } = outcome;
    if (connection === undefined || source === undefined) return outcome;
    const key = `${captured} ${source}`;
    if (inInterface !== captured) this.#ways.set(key, inInterface);
    const way = this.#ways.get(key);
    return way === undefined ? outcome : { ...outcome, inInterface: way };
  }

  /** Every way is looked for anew then. */
  #forgetEarlierPrograms(): void {
    const generation = this.#engine.field(GENERATION);
    if (generation !== this.#generation) this.#ways.clear();
    this.#generation = generation;
  }
}
