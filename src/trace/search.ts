/** Where a packet of a lane lies: lanes are merged into batches that do not tell which lane a packet is of. */

import { FRAME } from "../../assembly/layout/descriptor.ts";
import type { Engine } from "../engine/instance.ts";
import type { Lane } from "../replay/lanes.ts";

export class Search {
  readonly #engine: Engine;
  readonly #lane: Lane;
  /** Packets of the lane that have been seen. */
  packets = 0;
  /** Where the bytes of the packet are that is looked for. */
  #frame: number | undefined;

  constructor(engine: Engine, lane: Lane) {
    this.#engine = engine;
    this.#lane = lane;
  }

  /** Looks for the lane's packet with this number among those that wait. */
  look(number: number): void {
    const { batch } = this.#lane;
    if (batch.count === 0) return;
    this.packets = batch.number + batch.count - 1;
    const isHere = number >= batch.number && number <= this.packets;
    this.#frame = isHere ? this.#frameOf(batch.first + number - batch.number) : undefined;
  }

  /** The descriptor of the packet, if it has been taken into this batch. */
  indexIn(first: number, count: number): number | undefined {
    if (this.#frame === undefined) return undefined;
    for (let index = first; index < first + count; index++) if (this.#frameOf(index) === this.#frame) return index;
    return undefined;
  }

  #frameOf(index: number): number {
    return this.#engine.memory.getUint32(this.#engine.descriptor(index) + FRAME, true);
  }
}
