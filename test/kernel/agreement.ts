/** Plays a conversation into the kernel, then the same frames into the engine, and holds every byte that left equal. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { REASON_NAMES, VERDICT_NAMES } from "../../src/engine/names.ts";
import { networkFrom } from "../../src/network/snapshot.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { INVALID_COUNTER, LOCALHOST_COUNTER } from "../../src/proxy/iptables/names.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { describeFrame, hex } from "../support/decode.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode, type Sent } from "../support/kernel-node.ts";
import { comparable } from "./comparable.ts";
import { Conversation, type Turn } from "./conversation.ts";
import { FAMILIES, type Family } from "./services.ts";
import { LINKS, ROUTES } from "./world.ts";

/** A story, told once per family. */
export interface Scenario {
  readonly name: string;
  readonly play: (talk: Conversation, family: Family) => void;
  /** Only for one family; absent: for both. */
  readonly only?: Family;
}

/** What the node is like for a group of scenarios. */
export interface Setting {
  readonly ruleset: Ruleset;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** Routes besides the world's, as `ip route add` takes them. */
  readonly routes?: readonly string[];
  /** Who loads the rules into the kernel; default: nft. */
  readonly tool?: "nft" | "iptables";
}

/** What a snapshot does not say. */
export const NO_NETWORK: NodeNetwork = {
  interfaces: [],
  routes: [],
  neighbours: [],
  sysctls: {},
  sockets: [],
  kind: "wire",
  linkAddresses: false,
};

/** A group of tests: one kernel node with one ruleset, and a fresh connection table for each scenario. */
export function agree(name: string, setting: Setting, scenarios: readonly Scenario[]): void {
  describeKernel(name, () => {
    let kernel: KernelNode;
    let network: NodeNetwork;
    beforeAll(() => {
      const { sysctls = {}, routes = [] } = setting;
      kernel = new KernelNode({ links: LINKS, routes: [...ROUTES, ...routes], sysctls });
      load(kernel, setting);
      network = networkFrom(kernel.snapshot(), NO_NETWORK).network;
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

function load(kernel: KernelNode, { ruleset, tool }: Setting): void {
  if (tool === "iptables") {
    const counters = [INVALID_COUNTER, LOCALHOST_COUNTER];
    kernel.restoreIptables(iptablesText(ruleset, "ip"), iptablesText(ruleset, "ip6"), counters);
  } else {
    kernel.loadRules(rulesetText(ruleset));
  }
}

/** Every turn has the same output, up to what is random: there the engine has to follow the kernel. */
export function expectAgreement(engine: EngineNode, turns: readonly Turn[]): void {
  for (const [index, turn] of turns.entries()) {
    const { sent, verdict, reason } = engine.inject(turn.link, turn.frame, turn.time, turn.sent);
    const place = `turn ${index + 1} of ${turns.length}, the engine's verdict is ${VERDICT_NAMES[verdict]}, ${REASON_NAMES[reason]}`;
    expect(report(turn, sent.filter(isAddressed)), place).toBe(report(turn, turn.sent));
  }
}

/** A turn in text: what went in, what came out on each link, byte for byte but for what is random. */
export function report(turn: Turn, sent: readonly Sent[]): string {
  const byLink = LINKS.flatMap(({ name }) => sent.filter((one) => one.link === name));
  const out = byLink.map(
    ({ link, frame }) => `  out ${link} ${describeFrame(frame)}\n    ${hex(comparable(frame, turn.frame))}`,
  );
  return [`in ${turn.link} ${describeFrame(turn.frame)}`, ...out].join("\n");
}

/** A kernel that does not know a neighbour asks for it and keeps the packet; the engine sends it to nobody's address. */
function isAddressed({ frame }: Sent): boolean {
  return frame.subarray(0, 6).some((byte) => byte !== 0);
}
