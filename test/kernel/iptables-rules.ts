/** iptables' own text in the kernel and in the engine: the same packets through both, the same bytes out, the same counters. */

import { afterAll, beforeAll, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { networkFrom } from "../../src/network/snapshot.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { ruleCounters, withRuleCounters } from "../../src/program/counters.ts";
import { readIpSets } from "../../src/ruleset/ipset.ts";
import { readIptablesSave } from "../../src/ruleset/iptables-save.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import type { Counter, Ruleset } from "../../src/ruleset/types.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { expectAgreement } from "./agreement.ts";
import { Conversation, realClock } from "./conversation.ts";
import type { Family } from "./services.ts";
import { NO_NETWORK } from "./setting.ts";
import { LINKS, ROUTES } from "./world.ts";

const COMMANDS = { ip4: "iptables", ip6: "ip6tables" } as const;
const NANOSECONDS_A_MILLISECOND = 1_000_000n;
const FAMILIES = { ip4: "ip", ip6: "ip6" } as const;

/** Rules of one family as iptables-save writes them, and who speaks. */
export interface IptablesCase {
  readonly name: string;
  readonly family: Family;
  readonly rules: string;
  readonly play: (talk: Conversation, kernel: KernelNode) => void;
  /** What `ipset restore` makes for them, the same for all cases of a node: nf_tables lets go of them late. */
  readonly sets?: string;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** The rules ask for the time of day: packets come at the kernel's own. */
  readonly asksTime?: boolean;
}

/** A kernel node for all cases; each has the rules to itself. */
export function agreeOnIptables(title: string, cases: readonly IptablesCase[]): void {
  describeKernel(title, () => {
    let kernel: KernelNode;
    beforeAll(() => {
      kernel = new KernelNode({ links: LINKS, routes: ROUTES });
    });
    afterAll(() => kernel?.close());

    it.each(cases.map((one) => [`${one.name} (${one.family})`, one] as const))("%s", async (_, one) => {
      await expectSame(kernel, one);
    });
  });
}

async function expectSame(
  kernel: KernelNode,
  { family, rules, play, sets = "", sysctls = {}, asksTime = false }: IptablesCase,
): Promise<void> {
  kernel.run("nft", ["flush", "ruleset"]);
  for (const [name, value] of Object.entries(sysctls)) kernel.run("sysctl", ["-qw", `${name}=${value}`]);
  kernel.run("ipset", ["-exist", "restore"], sets);
  const command = COMMANDS[family];
  const ruleset = readRules(rules, family, sets);
  kernel.run(`${command}-restore`, [], iptablesText(ruleset, FAMILIES[family]));
  expect(rulesOf(kernel.run(`${command}-save`, [])), "what was printed lists as it was").toEqual(rulesOf(rules));
  kernel.forget();
  const network: NodeNetwork = networkFrom(kernel.snapshot(), NO_NETWORK).network;
  const talk = new Conversation(
    kernel,
    asksTime ? realClock(BigInt(Date.now()) * NANOSECONDS_A_MILLISECOND) : realClock(),
  );
  play(talk, kernel);
  expect(talk.turns.length, "packets").toBeGreaterThan(0);
  const counting = withRuleCounters(ruleset);
  const engine = await EngineNode.create({ ruleset: counting, network });
  expectAgreement(engine, talk.turns);
  const met = readRules(kernel.run(`${command}-save`, ["-c"]), family, sets);
  expect(engineCounters(engine, counting, network)).toEqual(kernelCounters(met));
}

export function readRules(text: string, family: Family, ipset = ""): Ruleset {
  const { sets } = readIpSets(ipset, "ipset.txt");
  const { ruleset, problems } = readIptablesSave(text, { file: "rules", family: FAMILIES[family], sets });
  expect(problems).toEqual([]);
  return ruleset;
}

/** What is told of tables and rules, without counters and comments; chains in any order. */
export function rulesOf(text: string): Record<string, readonly string[]> {
  const chains: Record<string, string[]> = {};
  let table = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const rule = /^(?:\[\d+:\d+\] )?-A (\S+) (.*)$/.exec(line);
    if (rule === null) continue;
    const chain = `${table} ${rule[1]}`;
    chains[chain] = [...(chains[chain] ?? []), rule[2]!.replace(/ +/g, " ")];
  }
  return chains;
}

type Counters = Record<string, Counter>;

function kernelCounters({ tables }: Ruleset): Counters {
  const counters: Counters = {};
  for (const { name, chains } of tables) {
    for (const chain of chains) {
      chain.rules.forEach(({ counter = { packets: 0, bytes: 0 } }, index) => {
        counters[`${name} ${chain.name} ${index}`] = counter;
      });
    }
  }
  return counters;
}

function engineCounters({ engine }: EngineNode, ruleset: Ruleset, network: NodeNetwork): Counters {
  const program = engine.field(Layout.PROGRAM);
  const counters: Counters = {};
  for (const { place, offset } of ruleCounters(compileProgram({ ruleset, network }))) {
    const at = program + offset;
    const [packets, bytes] = [0, 8].map((field) => Number(engine.memory.getBigUint64(at + field, true)));
    counters[`${place.table} ${place.chain} ${place.index}`] = { packets: packets!, bytes: bytes! };
  }
  return counters;
}
