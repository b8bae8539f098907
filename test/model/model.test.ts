/** The slow, obvious model against the engine: random conversations, every byte that leaves equal. SLUICE_SEED repeats one. */

import { beforeAll, describe, it } from "vitest";
import type { NodeNetwork } from "../../src/network/types.ts";
import { expectAgreement } from "../kernel/agreement.ts";
import { Conversation } from "../kernel/conversation.ts";
import { kubeProxy, kubeProxyDroppingInvalid } from "../kernel/rules.ts";
import { FAMILIES } from "../kernel/services.ts";
import { EngineNode } from "../support/engine-node.ts";
import { Random, SEED } from "../support/random.ts";
import { worldNetwork } from "./network.ts";
import { ModelNode } from "./node.ts";
import { converse } from "./traffic.ts";

const ROUNDS = Number(process.env.SLUICE_ROUNDS ?? 8);
const PACKETS_PER_ROUND = 200;
const START = 1_700_000_000_000_000_000n;

/** Mostly a millisecond, sometimes seconds. */
function clockOf(random: Random): () => bigint {
  let now = START;
  return () => {
    now += BigInt(random.once(40) ? random.below(12_000) : 1) * 1_000_000n;
    return now;
  };
}

describe("the model", () => {
  let network: NodeNetwork;
  beforeAll(() => {
    network = worldNetwork();
  });

  for (const [name, ruleset] of [
    ["kube-proxy's rules", kubeProxy()],
    ["invalid packets dropped", kubeProxyDroppingInvalid()],
  ] as const) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const family of FAMILIES) {
        it(`agrees with the engine: ${name}, ${family}, SLUICE_SEED=${SEED + round}`, async () => {
          const random = new Random(SEED + round);
          const engine = await EngineNode.create({ ruleset, network });
          const talk = new Conversation(new ModelNode(ruleset, network), clockOf(random));
          converse(talk, random, family, PACKETS_PER_ROUND);
          expectAgreement(engine, talk.turns);
        });
      }
    }
  }
});
