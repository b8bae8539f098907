/**
 * A bounded run of the fuzzer, one seed in every arena, and every conversation that it has once found: kernel and engine agree on all of it.
 * `npm run fuzz:kernel` plays longer; SLUICE_SEED chooses other conversations.
 */

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { describeKernel } from "../../support/kernel.ts";
import { SEED } from "../../support/random.ts";
import { replayed } from "./bout.ts";
import { type FuzzCase, turnsOf } from "./cases.ts";
import { run, type Tally } from "./run.ts";
import { ARENA_NAMES, arenaOf } from "./settings.ts";

const MILLISECONDS = 30_000;
const CASES = new URL("cases/", import.meta.url);

describeKernel("fuzzed traffic", () => {
  it(`comes out of kernel and engine alike, SLUICE_SEED=${SEED}`, async () => {
    const startedAt = Date.now();
    const isOver = ({ bouts }: Tally) => bouts === ARENA_NAMES.length || Date.now() - startedAt > MILLISECONDS;
    const { failures, frames } = await run(ARENA_NAMES.map(arenaOf), SEED, isOver);
    const told = failures.map(({ arena, seed, bout }) => `${arena.name}, seed ${seed}: ${bout.difference?.message}`);
    expect(told).toEqual([]);
    expect(frames).toBeGreaterThan(0);
  });

  for (const file of readdirSync(CASES)) {
    const found: FuzzCase = JSON.parse(readFileSync(new URL(file, CASES), "utf8"));
    it(`${file}: ${found.fact}`, async () => {
      const { difference } = await replayed(arenaOf(found.ruleset), turnsOf(found));
      expect(difference?.message).toBeUndefined();
    });
  }
});
