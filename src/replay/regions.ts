/** Who gets which part of the engine's chunk, descriptors and interface table. */

import { INTERFACES_MAX } from "../../assembly/layout/capture.ts";
import type { Part } from "../capture/reader.ts";

/** A part of the chunk, and descriptors for the packets in it. */
export interface Region {
  readonly chunk: Part;
  readonly descriptors: Part;
}

export interface LaneRegions {
  readonly regions: readonly [Region, Region];
  readonly interfaces: Part;
}

export interface Regions {
  readonly lanes: readonly LaneRegions[];
  /** Descriptors into which several lanes are merged. */
  readonly merge: Part;
  readonly chunkBytes: number;
  readonly descriptorsMax: number;
}

const REGION_BYTES = 2 << 20;
/** One for every 64 bytes: the descriptors of a region last as long as its bytes. */
const REGION_DESCRIPTORS = REGION_BYTES / 64;

export function divide(laneCount: number): Regions {
  const parts = laneCount * 2;
  const interfaces = Math.floor(INTERFACES_MAX / Math.max(1, laneCount));
  const mergeCount = laneCount > 1 ? REGION_DESCRIPTORS : 0;
  return {
    lanes: Array.from({ length: laneCount }, (_, lane) => ({
      regions: [region(lane * 2), region(lane * 2 + 1)],
      interfaces: { first: lane * interfaces, count: interfaces },
    })),
    merge: { first: parts * REGION_DESCRIPTORS, count: mergeCount },
    chunkBytes: parts * REGION_BYTES,
    descriptorsMax: parts * REGION_DESCRIPTORS + mergeCount,
  };
}

function region(index: number): Region {
  return {
    chunk: { first: index * REGION_BYTES, count: REGION_BYTES },
    descriptors: { first: index * REGION_DESCRIPTORS, count: REGION_DESCRIPTORS },
  };
}
