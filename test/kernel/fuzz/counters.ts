/** Holds the kernel's rule counters against the engine's. */

import * as Layout from "../../../assembly/layout/engine.ts";
import { INSTRUCTION_SIZE, OP, OP_COUNTER, X } from "../../../assembly/layout/instructions.ts";
import { readNftJson } from "../../../src/ruleset/nft-json.ts";
import type { Ruleset } from "../../../src/ruleset/types.ts";
import type { EngineNode } from "../../support/engine-node.ts";
import type { KernelNode } from "../../support/kernel-node.ts";
import { alternativesOf, type Counted, explainedByDraws, ruleName } from "./draws.ts";
import type { Arena } from "./settings.ts";

/** By the rule's name, what its last counter says. */
type Counters = ReadonlyMap<string, Counted>;

/** Where the node's own reports of IPv6 groups pass, which it makes whenever it wants. */
const CHATTER: ReadonlySet<string> = new Set(["OUTPUT", "POSTROUTING", "KUBE-POSTROUTING"]);

/** A line per rule whose counter differs, unless it is for one of `hiddenDraws` draws that nothing has shown. */
export function counterDifferences(
  arena: Arena,
  kernel: KernelNode,
  engine: EngineNode,
  hiddenDraws: number,
): string[] {
  const theirs = arena.tool === "iptables" ? iptablesCounters(kernel) : nftCounters(kernel);
  const ours = engineCounters(engine);
  const explained = explainedByDraws(alternativesOf(arena.ruleset), theirs, ours, hiddenDraws);
  const lines: string[] = [];
  for (const [rule, own] of ours) {
    const their = theirs.get(rule);
    if (explained.has(rule) || (their === undefined && arena.tool === "iptables")) continue;
    if (describe(their) !== describe(own)) lines.push(`${rule}: kernel ${describe(their)}, engine ${describe(own)}`);
  }
  return lines;
}

function describe(counted: Counted | undefined): string {
  return counted === undefined ? "nothing" : `${counted.packets} ${counted.bytes}`;
}

function nftCounters(kernel: KernelNode): Counters {
  const { ruleset } = readNftJson(kernel.run("nft", ["-j", "list", "ruleset"]), "nft");
  const counters = new Map<string, Counted>();
  for (const { table, chain, index, rule } of rulesOf(ruleset)) {
    const counter = rule.statements.findLast((statement) => statement.kind === "counter");
    if (counter === undefined) continue;
    const { packets = 0, bytes = 0 } = counter;
    counters.set(ruleName(table, chain.name, index), { packets, bytes });
  }
  return counters;
}

/** Every rule of iptables has a counter; `iptables-save -c` writes them before the rules. */
function iptablesCounters(kernel: KernelNode): Counters {
  const counters = new Map<string, Counted>();
  for (const [family, tool] of [
    ["ip", "iptables-save"],
    ["ip6", "ip6tables-save"],
  ] as const) {
    let table = "";
    const rules = new Map<string, number>();
    for (const line of kernel.run(tool, ["-c"]).split("\n")) {
      if (line.startsWith("*")) table = line.slice(1);
      const [, packets, bytes, chain] = /^\[(\d+):(\d+)\] -A (\S+)/.exec(line) ?? [];
      if (chain === undefined || (family === "ip6" && CHATTER.has(chain))) continue;
      const name = `${family} ${table} ${chain}`;
      const index = rules.get(name) ?? 0;
      rules.set(name, index + 1);
      counters.set(ruleName({ family, name: table }, chain, index), { packets: Number(packets), bytes: Number(bytes) });
    }
  }
  return counters;
}

function engineCounters({ engine, program }: EngineNode): Counters {
  const counters = new Map<string, Counted>();
  const base = engine.field(Layout.PROGRAM);
  const { memory } = engine;
  for (const { place, begin, end } of program.rules()) {
    for (let offset = begin; offset < end; offset += INSTRUCTION_SIZE) {
      if (memory.getUint8(base + offset + OP) !== OP_COUNTER) continue;
      const at = base + memory.getUint32(base + offset + X, true);
      counters.set(ruleName({ family: place.family, name: place.table }, place.chain, place.index), {
        packets: Number(memory.getBigUint64(at, true)),
        bytes: Number(memory.getBigUint64(at + 8, true)),
      });
    }
  }
  return counters;
}

function* rulesOf({ tables }: Ruleset) {
  for (const table of tables) {
    for (const chain of table.chains) {
      for (const [index, rule] of chain.rules.entries()) yield { table, chain, index, rule };
    }
  }
}
