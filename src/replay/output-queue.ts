/** Lets the engine fill one half of its output buffer while the other is being written. */

import * as Layout from "../../assembly/layout/engine.ts";
import type { Engine } from "../engine/instance.ts";

/** Receives output records; the bytes are a view that holds until the promise is settled. */
export type WriteOutput = (records: Uint8Array<ArrayBuffer>) => Promise<void> | void;

export class OutputQueue {
  readonly #engine: Engine;
  readonly #write: WriteOutput | undefined;
  readonly #halves: readonly number[];
  #half = 0;
  #writing: Promise<void> = Promise.resolve();

  /** To be made before the engine has any output: from then on its output buffer is one of the halves. */
  constructor(engine: Engine, write: WriteOutput | undefined) {
    this.#engine = engine;
    this.#write = write;
    const bytes = engine.configuration.outputBytes >>> 1;
    const first = engine.field(Layout.OUTPUT);
    this.#halves = [first, first + bytes];
    engine.setField(Layout.OUTPUT_BYTES, bytes);
  }

  /** Hands over what waits, and gives the engine the other half as soon as that has been written. */
  async flush(): Promise<void> {
    const engine = this.#engine;
    if (engine.field(Layout.OUTPUT_USED) === 0) return;
    const records = engine.output();
    await this.#writing;
    this.#writing = Promise.resolve(this.#write?.(records));
    // Whoever awaits the write next learns of its failure.
    this.#writing.catch(() => {});
    this.#half ^= 1;
    engine.setField(Layout.OUTPUT, this.#halves[this.#half]!);
    engine.clearOutput();
  }

  /** Waits for the last write. */
  async finish(): Promise<void> {
    await this.#writing;
  }
}
