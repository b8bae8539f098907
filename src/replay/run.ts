/**
 * The loop of a replay: lanes of captures → batches → engine → output, ended connections. Its memory does not grow
 * with the captures: everything waits in the engine's own regions.
 */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import type { Part } from "../capture/reader.ts";
import type { Connection } from "../engine/connections.ts";
import type { Engine } from "../engine/instance.ts";
import type { Lane } from "./lanes.ts";
import { mergeBatches } from "./merge.ts";
import type { Observer } from "./types.ts";

export interface RunOptions {
  readonly engine: Engine;
  readonly lanes: readonly Lane[];
  readonly mergeRegion: Part;
  readonly observers: readonly Observer[];
  /** Receives output blocks; the bytes are a view that holds until the promise is settled. */
  readonly output?: ((blocks: Uint8Array<ArrayBuffer>) => Promise<void> | void) | undefined;
  readonly onEnded: (connection: Connection) => void;
  readonly onBatch?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult {
  readonly packets: number;
  /** Times of the first and the last packet, nanoseconds since 1970. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
}

/** Stops early, with what it has, when the signal says so. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { engine, lanes } = options;
  let result: RunResult = { packets: 0, firstTime: 0n, lastTime: 0n };
  while (!options.signal?.aborted) {
    for (const lane of lanes) if (lane.batch.count === 0) await lane.advance();
    const waiting = lanes.map((lane) => lane.batch).filter((batch) => batch.count > 0);
    if (waiting.length === 0) break;
    const { first, count } = takeBatch(options, waiting);
    result = {
      packets: result.packets + count,
      firstTime: result.packets === 0 ? timeOf(engine, first) : result.firstTime,
      lastTime: timeOf(engine, first + count - 1),
    };
    await processBatch(options, first, count);
    options.onBatch?.();
  }
  return result;
}

/** A lane that is alone is processed where it lies. */
function takeBatch({ engine, mergeRegion }: RunOptions, waiting: readonly Lane["batch"][]) {
  const [only] = waiting;
  if (only === undefined || waiting.length > 1) {
    return { first: mergeRegion.first, count: mergeBatches(engine, waiting, mergeRegion) };
  }
  const batch = { ...only };
  only.count = 0;
  return batch;
}

/** The engine stops when a queue is full; it goes on once the queue has been emptied. */
async function processBatch(options: RunOptions, first: number, count: number): Promise<void> {
  const { engine, observers } = options;
  for (const observer of observers) observer.before?.(first, count);
  let done = 0;
  while (done < count) {
    const processed = engine.exports.process(first + done, count - done) >>> 0;
    const waited = engine.field(Layout.OUTPUT_USED) > 0 || engine.field(Layout.ENDED_COUNT) > 0;
    if (processed === 0 && !waited) throw new Error("the engine stopped although its queues are empty");
    for (const observer of observers) observer.after?.(first + done, processed);
    await drain(options);
    done += processed;
  }
}

async function drain({ engine, output, onEnded }: RunOptions): Promise<void> {
  if (engine.field(Layout.OUTPUT_USED) > 0) {
    await output?.(engine.output());
    engine.clearOutput();
  }
  if (engine.field(Layout.ENDED_COUNT) > 0) engine.takeEnded().forEach(onEnded);
}

function timeOf(engine: Engine, index: number): bigint {
  return engine.memory.getBigUint64(engine.descriptor(index) + Descriptor.TIME, true);
}
