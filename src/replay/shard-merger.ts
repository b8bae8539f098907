/** Puts the output of shards together, in the order of the captures, in the memory of an engine that has no packets. */

import * as Shard from "../../assembly/layout/shard.ts";
import { CONFIGURATION } from "../engine/configuration.ts";
import type { ShardExports } from "./shard-engine.ts";
import type { PieceMessage } from "./shard-messages.ts";

const PAGE_BYTES = 1 << 16;

export class ShardMerger {
  readonly #exports: ShardExports;
  readonly #count: number;
  /** Address of the parts; behind them each shard's area, then two for what is merged: while one is written, the other fills. */
  readonly #parts: number;
  #half = 0;

  constructor(exports: ShardExports, count: number) {
    this.#exports = exports;
    this.#count = count;
    this.#parts = exports.memory.buffer.byteLength;
    exports.memory.grow(1 + (3 * count * AREA_BYTES) / PAGE_BYTES);
  }

  /** Takes a shard's next piece. All of its last one has been merged. */
  take(shard: number, { buffer, entriesBytes, recordsBytes }: PieceMessage): void {
    const area = this.#area(shard);
    const base = area + entriesBytes;
    // Entries and records stand one behind the other here as there.
    new Uint8Array(this.#exports.memory.buffer, area).set(new Uint8Array(buffer, 0, entriesBytes + recordsBytes));
    const part = new DataView(this.#exports.memory.buffer, this.#parts + shard * Shard.PART_SIZE, Shard.PART_SIZE);
    part.setUint32(Shard.PART_ENTRY, area, true);
    part.setUint32(Shard.PART_ENTRIES_END, base, true);
    part.setUint32(Shard.PART_RECORDS, base, true);
    part.setUint32(Shard.PART_BASE, base, true);
  }

  /** The output of all packets before a number: a view that holds until the call after the next one. */
  merge(upTo: number): Uint8Array<ArrayBuffer> {
    const to = this.#area(this.#count * (1 + this.#half));
    this.#half ^= 1;
    const end = this.#exports.interleave(this.#parts, this.#count, upTo, to) >>> 0;
    return new Uint8Array(this.#exports.memory.buffer as ArrayBuffer, to, end - to);
  }

  #area(index: number): number {
    return this.#parts + PAGE_BYTES + index * AREA_BYTES;
  }
}

/** No piece is longer: it comes from one output buffer. */
const AREA_BYTES = CONFIGURATION.outputBytes;
