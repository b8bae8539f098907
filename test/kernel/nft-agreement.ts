/** A ruleset in nft's text, loaded into the kernel and read back as JSON for the engine: the same packets through both. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { PROGRAM } from "../../assembly/layout/engine.ts";
import { INSTRUCTION_SIZE, OP, OP_COUNTER, OPTIONS, X } from "../../assembly/layout/instructions.ts";
import { HEADER_BYTES } from "../../assembly/layout/program.ts";
import { networkFrom } from "../../src/network/snapshot.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { expectAgreement } from "./agreement.ts";
import { Conversation } from "./conversation.ts";
import { NO_NETWORK } from "./setting.ts";
import { LINKS, ROUTES } from "./world.ts";

/** Rules and what is sent to them. */
export interface NftCase {
  readonly name: string;
  /** As `nft -f` takes it. */
  readonly rules: string;
  readonly play: (talk: Conversation) => void;
}

/** Runs the cases on one kernel node; each starts without connections and with its own rules. */
export function agreeOnRules(name: string, cases: readonly NftCase[]): void {
  describeKernel(name, () => {
    let kernel: KernelNode;
    beforeAll(() => {
      kernel = new KernelNode({ links: LINKS, routes: ROUTES });
    });
    afterAll(() => kernel?.close());

    it.each(cases)("$name", async ({ rules, play }) => {
      kernel.loadRules(rules);
      kernel.forget();
      const { ruleset, problems } = readNftJson(kernel.run("nft", ["-j", "list", "ruleset"]), "nft");
      expect(problems).toEqual([]);
      const { network } = networkFrom(kernel.snapshot(), NO_NETWORK);
      const unsupported = compileProgram({ ruleset, network }).problems.filter(
        ({ severity }) => severity !== "warning",
      );
      expect(unsupported).toEqual([]);
      const engine = await EngineNode.create({ ruleset, network });
      const talk = new Conversation(kernel);
      play(talk);
      expectAgreement(engine, talk.turns);
      const counted = kernel.run("nft", ["-j", "list", "ruleset"]);
      expect(engineCounters(engine, ruleset, network)).toEqual(kernelCounters(counted));
    });
  });
}

/** Packets and bytes of each rule that counts, in the order of the rules; of named counters as often as rules name them. */
function kernelCounters(json: string): string[] {
  return readNftJson(json, "nft").ruleset.tables.flatMap(({ chains, objects = [] }) => {
    const statements = chains.flatMap(({ rules }) => rules.flatMap((rule) => rule.statements));
    return statements.flatMap((statement) => {
      const isNamed = statement.kind === "object" && statement.object === "counter";
      const named = isNamed ? objects.find(({ name }) => name === statement.name)?.statement : undefined;
      const counter = named ?? statement;
      return counter.kind === "counter" ? [`${counter.packets} packets, ${counter.bytes} bytes`] : [];
    });
  });
}

/** The same from the engine's memory: the program begins with its instructions, in the order of the rules. */
function engineCounters({ engine }: EngineNode, ruleset: Ruleset, network: NodeNetwork): string[] {
  const { image, ruleAt } = compileProgram({ ruleset, network });
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const program = engine.field(PROGRAM);
  const counters: string[] = [];
  for (let at = HEADER_BYTES; at < image.length; at += INSTRUCTION_SIZE) {
    const isOfRule = view.getUint8(at + OP) === OP_COUNTER && view.getUint8(at + OPTIONS) === 0;
    if (ruleAt(at) === undefined || !isOfRule) continue;
    const counter = program + view.getUint32(at + X, true);
    const packets = engine.memory.getBigUint64(counter, true);
    counters.push(`${packets} packets, ${engine.memory.getBigUint64(counter + 8, true)} bytes`);
  }
  return counters;
}
