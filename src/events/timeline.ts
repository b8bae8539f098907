/** Takes the steps of a plan while packets flow. */

import type { Engine } from "../engine/instance.ts";
import type { NodeState, Step } from "./plan.ts";

export class Timeline {
  readonly #steps: Step[];
  #state: NodeState | undefined;

  constructor(steps: readonly Step[]) {
    this.#steps = [...steps];
  }

  /** When the next step is due; undefined: there is none. */
  get nextTime(): bigint | undefined {
    return this.#steps[0]?.time;
  }

  /** What the node has come to, where the plan keeps it; undefined: it is as it was at first. */
  get state(): NodeState | undefined {
    return this.#state;
  }

  /** Takes the steps that are due before a packet of this time. Only between two batches. */
  advance(engine: Engine, time: bigint): void {
    for (let step = this.#steps[0]; step !== undefined && step.time <= time; step = this.#steps[0]) {
      this.#steps.shift();
      take(engine, step);
      this.#state = step.state ?? this.#state;
    }
  }
}

function take(engine: Engine, { image, sysctls, ends }: Step): void {
  if (image !== undefined) engine.loadProgram(image);
  if (sysctls !== undefined) engine.setSysctls(sysctls);
  if (ends === undefined) return;
  for (const [index, connection] of engine.indexedConnections()) {
    if (ends(connection)) engine.exports.deleteConnection(index);
  }
}
