/** Puts the batches of several lanes into one, in the order of time. Only used where there is more than one lane. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import type { Part } from "../capture/reader.ts";
import type { Engine } from "../engine/instance.ts";

/** Descriptors that wait to be processed: `first` and `count` move as they are taken. */
export interface Batch {
  first: number;
  count: number;
}

/**
 * Copies descriptors into the region, earliest first, until it is full or a lane has none left: only then is it sure
 * that nothing earlier is still to come. Within a lane the order stays as captured. Returns how many were copied.
 */
export function mergeBatches(engine: Engine, lanes: readonly Batch[], region: Part): number {
  const { memory } = engine;
  const timeOf = (batch: Batch) => memory.getBigUint64(engine.descriptor(batch.first) + Descriptor.TIME, true);
  const times = lanes.map(timeOf);
  for (let copied = 0; copied < region.count; ) {
    const earliest = indexOfLeast(times);
    const lane = lanes[earliest]!;
    const from = engine.descriptor(lane.first);
    engine.bytes(engine.descriptor(region.first + copied), Descriptor.SIZE).set(engine.bytes(from, Descriptor.SIZE));
    copied += 1;
    lane.first += 1;
    lane.count -= 1;
    if (lane.count === 0) return copied;
    times[earliest] = timeOf(lane);
  }
  return region.count;
}

/** The first of equals: lanes are given in the order in which they should win. */
function indexOfLeast(times: readonly bigint[]): number {
  let least = 0;
  for (let index = 1; index < times.length; index++) if (times[index]! < times[least]!) least = index;
  return least;
}
