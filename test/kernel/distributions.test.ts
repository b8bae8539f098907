/** What is drawn by chance comes as often as it should, in the kernel and in the engine; what only looks like chance is the same in both. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fit, SIGNIFICANCE } from "../support/chi-square.ts";
import { decode, decodePacket } from "../support/decode.ts";
import { TestNode } from "../support/engine.ts";
import { describeKernel } from "../support/kernel.ts";
import type { KernelNode } from "../support/kernel-node.ts";
import { frame } from "../support/packet.ts";
import { PLAIN_NODE } from "../support/plain-node.ts";
import { Random, SEED } from "../support/random.ts";
import { DRAWS, type Draw, type Through } from "./draws.ts";
import { FAMILIES, type Family } from "./services.ts";
import { kernelOf } from "./setting.ts";
import { NODE_MACS, POD } from "./world.ts";

const ENGINE_DRAWS = 16_000;
const KERNEL_DRAWS = 2_000;
const CONNECTIONS_MAX = 1 << 16;
const LINK = POD.link;

const cases = DRAWS.flatMap((one) => FAMILIES.map((family) => [`${one.name} (${family})`, one, family] as const));
const chance = `a chance of ${SIGNIFICANCE}`;

describe(`what the engine draws, SLUICE_SEED=${SEED}, ${chance}`, () => {
  it.each(cases)("%s", async (_, draw, family) => {
    expectFit(drawOften(draw, await engineThrough(draw), family, ENGINE_DRAWS), draw);
  });
});

describeKernel(`what the kernel draws, ${chance}`, () => {
  for (const draw of DRAWS) {
    describe(draw.name, () => {
      let kernel: KernelNode;
      beforeAll(() => {
        kernel = kernelOf(draw);
      });
      afterAll(() => kernel?.close());

      it.each(FAMILIES)("%s", async (family) => {
        const outcomes = drawOften(draw, kernelThrough(kernel), family, KERNEL_DRAWS);
        expectFit(outcomes, draw);
        if (draw.isFixed) {
          expect(drawOften(draw, await engineThrough(draw), family, KERNEL_DRAWS)).toEqual(outcomes);
        }
      });
    });
  }
});

describe("the test itself", () => {
  const fifths = new Map(["a", "b", "c", "d", "e"].map((outcome) => [outcome, 0.2]));
  const random = new Random(SEED);
  const fair = Array.from({ length: ENGINE_DRAWS }, () => "abcde"[random.below(5)]!);

  it("takes even draws for even", () => {
    const { statistic, limit } = fit(fair, fifths);
    expect(statistic).toBeLessThan(limit);
  });

  it("finds an outcome that comes a fifth too often", () => {
    const loaded = fair.map((outcome) => (random.once(25) ? "a" : outcome));
    const { statistic, limit } = fit(loaded, fifths);
    expect(statistic).toBeGreaterThan(limit);
  });
});

function drawOften({ draw }: Draw, through: Through, family: Family, times: number): string[] {
  return Array.from({ length: times }, (_, n) => draw(through, family, n));
}

function expectFit(outcomes: readonly string[], { expected }: Draw): void {
  const { statistic, limit, impossible } = fit(outcomes, expected);
  expect(impossible).toEqual([]);
  expect(statistic).toBeLessThanOrEqual(limit);
}

async function engineThrough({ ruleset }: Draw): Promise<Through> {
  const node = await TestNode.create({
    build: "release",
    ruleset,
    network: PLAIN_NODE,
    connectionsMax: CONNECTIONS_MAX,
    seed: BigInt(SEED),
  });
  return (packet) => {
    const sent = node.receive(LINK, packet).sent[0];
    return sent && decodePacket(sent.packet);
  };
}

function kernelThrough(kernel: KernelNode): Through {
  return (packet) => {
    const sent = kernel.inject(LINK, frame(POD.mac, NODE_MACS[LINK], packet))[0];
    return sent && decode(sent.frame);
  };
}
