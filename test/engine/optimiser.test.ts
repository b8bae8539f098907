/**
 * The optimiser changes nothing but the time it takes: random chains with runs of rules that compare the same fields, as
 * they are written and indexed, give the same packets the same verdicts, and their rules the same counters. SLUICE_SEED and
 * SLUICE_ROUNDS choose more.
 */

import { describe, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { ruleCounters, withRuleCounters } from "../../src/program/counters.ts";
import { BUILDS, TestNode } from "../support/engine.ts";
import { PLAIN_NODE } from "../support/plain-node.ts";
import { Random, SEED } from "../support/random.ts";
import { AS_WRITTEN } from "../support/variant.ts";
import { RandomRuns } from "./random-runs.ts";

const ROUNDS = Number(process.env.SLUICE_ROUNDS ?? 20);
const PACKETS = 200;

describe("indexed chains", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const seed = SEED + round;
    it.each([
      "ip",
      "ip6",
    ] as const)(`do what the chains do as they are written: %s, SLUICE_SEED=${seed}`, async (family) => {
      const random = new Random(seed);
      const runs = new RandomRuns(random, family);
      const ruleset = withRuleCounters(runs.ruleset());
      const options = { build: random.pick(BUILDS), network: PLAIN_NODE, ruleset };
      const written = await TestNode.create({ ...options, indexFrom: AS_WRITTEN });
      const indexed = await TestNode.create({ ...options, indexFrom: 2 });
      expect(indexed.program.problems).toEqual([]);
      for (let n = 0; n < PACKETS; n++) {
        const { link, packet } = runs.packet();
        expect(indexed.receive(link, packet)).toEqual(written.receive(link, packet));
      }
      expect(counted(indexed)).toEqual(counted(written));
      expect(visited(indexed)).not.toBe(visited(written));
    });
  }
});

/** Packets and bytes of each rule, by its place. */
function counted({ engine, program }: TestNode): unknown {
  const start = engine.field(Layout.PROGRAM);
  return ruleCounters(program)
    .map(({ place, offset }) => {
      const counters = [0, 8].map((at) => engine.memory.getBigUint64(start + offset + at, true).toString());
      return `${place.chain} ${place.index}: ${counters.join(" ")}`;
    })
    .sort();
}

function visited({ engine }: TestNode): number {
  return engine.counter(Layout.RULES_VISITED);
}
