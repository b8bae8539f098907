/**
 * Whatever arrives: the engine does not trap, every packet gets a verdict with a reason, and the counters account for
 * each one. SLUICE_SEED and SLUICE_ROUNDS choose other mutations and more of them.
 */

import { beforeEach, describe, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import * as Verdict from "../../assembly/layout/verdict.ts";
import type { EngineConfiguration } from "../../src/engine/configuration.ts";
import { REASON_NAMES, VERDICT_NAMES } from "../../src/engine/names.ts";
import { kubeProxy, remembering, sourcePorts, translating } from "../kernel/rules.ts";
import { worldNetwork } from "../model/network.ts";
import { EngineNode, type EngineNodeOptions } from "../support/engine-node.ts";
import { Random, SEED } from "../support/random.ts";
import { sampleFrames } from "./samples.ts";

const SAMPLES = sampleFrames();
const ROUNDS = Number(process.env.SLUICE_ROUNDS ?? 8);
const MUTATIONS_PER_ROUND = 2000;
const START = 1_700_000_000_000_000_000n;
const MILLISECOND = 1_000_000n;
const LINK_BYTES = 14;
/** Lengths and offsets stand in the first bytes of headers; behind these all is payload. */
const HEADER_BYTES_MAX = 100;
const TELLING_BYTES = [0, 1, 4, 5, 7, 8, 0x0f, 0x10, 0x1f, 0x20, 0x40, 0x45, 0x60, 0x7f, 0x80, 0xf0, 0xfe, 0xff];

/** Tables so small that they are soon full. */
const SMALL: Partial<EngineConfiguration> = {
  connectionsMax: 64,
  fragmentBytes: 4096,
  dynamicMax: 16,
  endedMax: 64,
  followMax: 16,
  outputBytes: 2 * Layout.OUTPUT_RESERVE,
};

const NODES: Readonly<Record<string, Omit<EngineNodeOptions, "network">>> = {
  "kube-proxy's rules": { ruleset: kubeProxy() },
  "small tables": { ruleset: translating(sourcePorts(40000, 40003)), sizes: SMALL },
  "sets that fill up": { ruleset: remembering(8), sizes: SMALL },
};

describe.each(Object.entries(NODES))("malformed frames, %s", (_, options) => {
  let engine: EngineNode;
  let fed: number;

  beforeEach(async () => {
    engine = await EngineNode.create({ ...options, network: worldNetwork() });
    fed = 0;
  });

  /** Feeds a frame and looks at what is said of it. */
  function feed(bytes: Uint8Array): void {
    fed++;
    const { verdict, reason, sent } = engine.inject("eth0", bytes, START + BigInt(fed) * MILLISECOND);
    if (VERDICT_NAMES[verdict] === undefined || REASON_NAMES[reason] === undefined) {
      expect.fail(`verdict ${verdict}, reason ${reason}`);
    }
    if (verdict !== Verdict.VERDICT_FORWARD && reason === Verdict.REASON_NONE) expect.fail("no reason");
    if (verdict === Verdict.VERDICT_FORWARD && sent.length === 0) expect.fail("forwarded, but nothing left");
  }

  /** in = forwarded + local + dropped + rejected + queued + skipped. */
  function expectAccounts(): void {
    const verdicts = Object.keys(VERDICT_NAMES).map((verdict) =>
      engine.engine.counter(Layout.VERDICTS + Number(verdict) * 8),
    );
    expect(verdicts.reduce((sum, count) => sum + count, 0)).toBe(engine.engine.counter(Layout.PACKETS));
    expect(engine.engine.counter(Layout.PACKETS)).toBe(fed);
  }

  for (const [name, sample] of Object.entries(SAMPLES)) {
    it(`${name}, cut at every byte`, () => {
      for (let bytes = 0; bytes <= sample.length; bytes++) feed(sample.slice(0, bytes));
      expectAccounts();
    });

    it(`${name}, every byte of its headers wrong`, () => {
      for (let at = LINK_BYTES; at < Math.min(sample.length, HEADER_BYTES_MAX); at++) {
        for (const value of TELLING_BYTES) {
          const bent = sample.slice();
          bent[at] = value;
          feed(bent);
        }
      }
      expectAccounts();
    });
  }

  for (let round = 0; round < ROUNDS; round++) {
    it(`random mutations, SLUICE_SEED=${SEED + round}`, () => {
      const random = new Random(SEED + round);
      for (let i = 0; i < MUTATIONS_PER_ROUND; i++) feed(mutated(random, random.pick(Object.values(SAMPLES))));
      expectAccounts();
    });
  }
});

/** A few bytes changed, and now and then some cut off, put in or appended. */
function mutated(random: Random, sample: Uint8Array): Uint8Array {
  const bytes = [...sample];
  for (let changes = random.below(5); changes >= 0; changes--)
    bytes[LINK_BYTES + random.below(bytes.length - LINK_BYTES)] = random.below(256);
  if (random.once(8)) bytes.splice(random.below(bytes.length), random.below(40));
  if (random.once(8)) bytes.splice(random.below(bytes.length), 0, ...random.bytes(random.below(40)));
  if (random.once(8)) bytes.push(...random.bytes(random.below(1400)));
  return Uint8Array.from(bytes);
}
