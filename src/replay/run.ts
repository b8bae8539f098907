/**
 * The loop of a replay: lanes of captures → batches → engine → output, ended connections. Its memory does not grow
 * with the captures: everything waits in the engine's own regions.
 */

import * as Layout from "../../assembly/layout/engine.ts";
import type { Part } from "../capture/reader.ts";
import type { Engine } from "../engine/instance.ts";
import type { Timeline } from "../events/timeline.ts";
import type { Lane } from "./lanes.ts";
import { mergeBatches } from "./merge.ts";
import { timeOf } from "./outbound.ts";
import { OutputQueue, type WriteOutput } from "./output-queue.ts";
import { ownPackets } from "./shard-engine.ts";
import { ShardOutput } from "./shard-output.ts";
import type { ObservedBatch, Observer, Shard } from "./types.ts";

export interface RunOptions {
  readonly engine: Engine;
  readonly lanes: readonly Lane[];
  readonly mergeRegion: Part;
  readonly observers: readonly Observer[];
  readonly output?: WriteOutput | undefined;
  /** Takes the connections that have ended: their queue is full, or a batch is over. */
  readonly takeEnded: () => void;
  readonly onBatch?: (() => void) | undefined;
  /** What happens to the node meanwhile. */
  readonly timeline: Timeline;
  readonly signal?: AbortSignal | undefined;
  readonly shard?: Shard;
}

/** Where the engine's output goes. */
interface Output {
  /** Takes what the packets of descriptors have caused. */
  readonly flush: (first: number, count: number) => Promise<void>;
  readonly finish: () => Promise<void>;
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
  const interrupted = interruption(options.signal);
  const numbers = new Uint32Array(options.mergeRegion.count);
  const output = openOutput(options);
  let result: RunResult = { packets: 0, firstTime: 0n, lastTime: 0n };
  while (!options.signal?.aborted) {
    await Promise.race([advance(lanes), interrupted]);
    if (options.signal?.aborted) break;
    const waiting = lanes.filter((lane) => lane.batch.count > 0);
    if (waiting.length === 0) break;
    const batch = takeBatch(engine, waiting, options.mergeRegion, numbers);
    const { first, count } = batch;
    result = {
      packets: result.packets + count,
      firstTime: result.packets === 0 ? timeOf(engine, first) : result.firstTime,
      lastTime: timeOf(engine, first + count - 1),
    };
    await processBatch(options, output, batch);
    options.onBatch?.();
  }
  await output.finish();
  return result;
}

function openOutput({ engine, output, shard }: RunOptions): Output {
  return shard === undefined ? new OutputQueue(engine, output) : new ShardOutput(engine, shard.send);
}

/** Every lane has packets that wait, or has ended. */
export async function advance(lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) if (lane.batch.count === 0) await lane.advance();
}

/** Settles when the signal says to stop: a pipe may have nothing to read for long. */
function interruption(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}

/** The packets that come next of the lanes that have some. A lane that is alone is processed where it lies. */
export function takeBatch(
  engine: Engine,
  waiting: readonly Lane[],
  mergeRegion: Part,
  numbers: Uint32Array,
): ObservedBatch {
  const [only] = waiting;
  if (only === undefined || waiting.length > 1) {
    const { first } = mergeRegion;
    const count = mergeBatches(engine, waiting, mergeRegion, numbers);
    return { first, count, numberOf: (index) => numbers[index - first] ?? 0 };
  }
  const { first, count, number } = only.batch;
  only.batch.count = 0;
  return { first, count, numberOf: (index) => number + index - first };
}

/** The engine stops when a queue is full; it goes on once the queue has been emptied. */
async function processBatch(options: RunOptions, output: Output, whole: ObservedBatch): Promise<void> {
  const { engine, observers } = options;
  const batch = options.shard === undefined ? whole : ownPackets(engine, whole);
  for (const observer of observers) observer.before?.(batch);
  for (let done = 0; done < batch.count; ) {
    const first = batch.first + done;
    const count =
      engine.exports.process(first, untilNextStep(engine, options.timeline, first, batch.count - done)) >>> 0;
    const waited = engine.field(Layout.OUTPUT_USED) > 0 || engine.field(Layout.ENDED_COUNT) > 0;
    if (count === 0 && !waited) throw new Error("the engine stopped although its queues are empty");
    for (const observer of observers) observer.after?.({ ...batch, first, count });
    await output.flush(first, count);
    options.takeEnded();
    done += count;
  }
  if (batch.count === 0) await output.flush(batch.first, 0);
}

/** Takes the steps that are due, and says how many of `count` packets come before the next one. */
export function untilNextStep(engine: Engine, timeline: Timeline, first: number, count: number): number {
  if (timeline.nextTime === undefined) return count;
  timeline.advance(engine, timeOf(engine, first));
  const { nextTime } = timeline;
  if (nextTime === undefined || timeOf(engine, first + count - 1) < nextTime) return count;
  let before = 1;
  while (before < count && timeOf(engine, first + before) < nextTime) before++;
  return before;
}
