/** Plays a conversation into the kernel, then the same frames into the engine, and holds every byte that left equal. */

import { afterAll, beforeAll, expect, it } from "vitest";
import type { NodeNetwork } from "../../src/network/types.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import type { KernelNode } from "../support/kernel-node.ts";
import { Conversation, type Turn } from "./conversation.ts";
import { FAMILIES, type Family } from "./services.ts";
import { kernelOf, networkOf, type Setting } from "./setting.ts";
import { describeOutcome, isAddressed, report } from "./turn-report.ts";

/** A story, told once per family. */
export interface Scenario {
  readonly name: string;
  readonly play: (talk: Conversation, family: Family) => void;
  /** Only for one family; absent: for both. */
  readonly only?: Family;
}

/** A group of tests: one kernel node with one ruleset, and a fresh connection table for each scenario. */
export function agree(name: string, setting: Setting, scenarios: readonly Scenario[]): void {
  describeKernel(name, () => {
    let kernel: KernelNode;
    let network: NodeNetwork;
    beforeAll(() => {
      kernel = kernelOf(setting);
      network = networkOf(kernel);
    });
    afterAll(() => kernel?.close());

    for (const { name, play, only } of scenarios) {
      for (const family of only === undefined ? FAMILIES : [only]) {
        it(`${name} (${family})`, async () => {
          kernel.forget();
          const talk = new Conversation(kernel);
          play(talk, family);
          const engine = await EngineNode.create({ ruleset: setting.ruleset, network });
          expectAgreement(engine, talk.turns);
        });
      }
    }
  });
}

/** Every turn has the same output, up to what is random: there the engine has to follow the kernel. */
export function expectAgreement(engine: EngineNode, turns: readonly Turn[]): void {
  for (const [index, turn] of turns.entries()) {
    const outcome = engine.inject(turn.link, turn.frame, turn.time, turn.sent);
    const place = `turn ${index + 1} of ${turns.length}, ${describeOutcome(outcome)}`;
    expect(report(turn, outcome.sent.filter(isAddressed)), place).toBe(report(turn, turn.sent));
  }
}
