/** Puts the batches of several lanes into one, in the order of time. Only used where there is more than one lane. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import type { Part } from "../capture/reader.ts";
import type { Engine } from "../engine/instance.ts";

/** Descriptors that wait to be processed: they move on as they are taken. */
export interface Batch {
  first: number;
  count: number;
  /** The first one's number in its captures, from 1. */
  number: number;
}

/** A batch, and when a packet of it is to be processed. */
export interface Waiting {
  readonly batch: Batch;
  readonly timeOf: (index: number) => bigint;
}

/**
 * Copies descriptors into the region, earliest first, until it is full or a lane has none left: only then is it sure
 * that nothing earlier is still to come. Within a lane the order stays as captured. `numbers` gets each one's number.
 * Returns how many were copied.
 */
export function mergeBatches(engine: Engine, lanes: readonly Waiting[], region: Part, numbers: Uint32Array): number {
  const times = lanes.map(({ batch, timeOf }) => timeOf(batch.first));
  for (let copied = 0; copied < region.count; ) {
    const earliest = indexOfLeast(times);
    const { batch, timeOf } = lanes[earliest]!;
    const from = engine.descriptor(batch.first);
    engine.bytes(engine.descriptor(region.first + copied), Descriptor.SIZE).set(engine.bytes(from, Descriptor.SIZE));
    numbers[copied] = batch.number;
    copied += 1;
    batch.first += 1;
    batch.number += 1;
    batch.count -= 1;
    if (batch.count === 0) return copied;
    times[earliest] = timeOf(batch.first);
  }
  return region.count;
}

/** The first of equals: lanes are given in the order in which they should win. */
function indexOfLeast(times: readonly bigint[]): number {
  let least = 0;
  for (let index = 1; index < times.length; index++) if (times[index]! < times[least]!) least = index;
  return least;
}
