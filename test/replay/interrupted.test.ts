/** What is said of workers that were interrupted at different packets. */

import { describe, expect, test } from "vitest";
import { leastFar, partialWarnings } from "../../src/replay/interrupted.ts";
import type { ReplayTally } from "../../src/replay/replay.ts";

const tallyTo = (packets: number): ReplayTally => ({
  ...{ counts: { counters: new BigUint64Array(), open: 0 }, services: [], problems: [] },
  run: { packets, firstTime: 0n, lastTime: BigInt(packets) },
});

describe("of workers that were interrupted", () => {
  test("the packets are those that all have dealt with", () => {
    expect(leastFar([tallyTo(300), tallyTo(100), tallyTo(200)]).run).toEqual(tallyTo(100).run);
  });

  test("it is said how far each had come", () => {
    expect(partialWarnings([tallyTo(300), tallyTo(100), tallyTo(200)])).toEqual([
      "interrupted: all workers had come to packet 100, one to packet 300; of the packets between only some are counted and written",
    ]);
  });

  test("nothing is said where all have come equally far", () => {
    expect(partialWarnings([tallyTo(300), tallyTo(300)])).toEqual([]);
  });

  test("nothing is said of one alone", () => expect(partialWarnings([tallyTo(300)])).toEqual([]));
});
