/** Hands a shard's output over with the numbers of its packets: somebody else puts the shards together. */

import * as Layout from "../../assembly/layout/engine.ts";
import { OUTPUT_ENTRY_SIZE } from "../../assembly/layout/shard.ts";
import type { Engine } from "../engine/instance.ts";
import { type ShardExports, shardExports } from "./shard-engine.ts";
import type { Shard } from "./types.ts";

export class ShardOutput {
  readonly #engine: Engine;
  readonly #exports: ShardExports;
  readonly #send: Shard["send"];
  /** Where the entries stand: behind the output. */
  readonly #entries: number;

  /** To be made before the engine has any output: from then on its buffer ends where the entries begin. */
  constructor(engine: Engine, send: Shard["send"]) {
    this.#engine = engine;
    this.#exports = shardExports(engine);
    this.#send = send;
    const { outputBytes, descriptorsMax } = engine.configuration;
    const bytes = outputBytes - descriptorsMax * OUTPUT_ENTRY_SIZE;
    engine.setField(Layout.OUTPUT_BYTES, bytes);
    this.#entries = engine.field(Layout.OUTPUT) + bytes;
  }

  async flush(first: number, count: number): Promise<void> {
    this.#exports.checkEnded();
    const upTo = this.#exports.ordinalOf(first + count) >>> 0;
    const records = this.#engine.output();
    const end = records.length > 0 ? this.#exports.indexOutput(first, count, this.#entries) >>> 0 : this.#entries;
    await this.#send({ upTo, entries: this.#engine.bytes(this.#entries, end - this.#entries), records });
    this.#engine.clearOutput();
  }

  async finish(): Promise<void> {
    this.#exports.checkOpen();
  }
}
