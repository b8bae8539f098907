/** Holds the kernel's rule counters against the engine's. */

import * as Layout from "../../../assembly/layout/engine.ts";
import { INSTRUCTION_SIZE, OP, OP_COUNTER, X } from "../../../assembly/layout/instructions.ts";
import { readNftJson } from "../../../src/ruleset/nft-json.ts";
import type { Ruleset } from "../../../src/ruleset/types.ts";
import type { EngineNode } from "../../support/engine-node.ts";
import type { KernelNode } from "../../support/kernel-node.ts";
import type { Arena } from "./settings.ts";

/** "family table chain rule" → "packets bytes" of the rule's last counter. */
type Counters = ReadonlyMap<string, string>;

/** Where the node's own reports of IPv6 groups pass, which it makes whenever it wants. */
const CHATTER: ReadonlySet<string> = new Set(["OUTPUT", "POSTROUTING", "KUBE-POSTROUTING"]);

/** A line per rule whose counter differs. */
export function counterDifferences(arena: Arena, kernel: KernelNode, engine: EngineNode): string[] {
  const theirs = arena.tool === "iptables" ? iptablesCounters(kernel) : nftCounters(kernel);
  const lines: string[] = [];
  for (const [rule, own] of engineCounters(engine)) {
    const their = theirs.get(rule);
    if (their !== own && !(their === undefined && arena.tool === "iptables"))
      lines.push(`${rule}: kernel ${their}, engine ${own}`);
  }
  return lines;
}

function nftCounters(kernel: KernelNode): Counters {
  const { ruleset } = readNftJson(kernel.run("nft", ["-j", "list", "ruleset"]), "nft");
  const counters = new Map<string, string>();
  for (const { table, chain, index, rule } of rulesOf(ruleset)) {
    const counter = rule.statements.findLast((statement) => statement.kind === "counter");
    if (counter === undefined) continue;
    counters.set(`${table.family} ${table.name} ${chain.name} ${index}`, `${counter.packets} ${counter.bytes}`);
  }
  return counters;
}

/** Every rule of iptables has a counter; `iptables-save -c` writes them before the rules. */
function iptablesCounters(kernel: KernelNode): Counters {
  const counters = new Map<string, string>();
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
      counters.set(`${name} ${index}`, `${packets} ${bytes}`);
    }
  }
  return counters;
}

function engineCounters({ engine, program }: EngineNode): Counters {
  const counters = new Map<string, string>();
  const base = engine.field(Layout.PROGRAM);
  const { memory } = engine;
  for (const { place, begin, end } of program.rules()) {
    for (let offset = begin; offset < end; offset += INSTRUCTION_SIZE) {
      if (memory.getUint8(base + offset + OP) !== OP_COUNTER) continue;
      const at = base + memory.getUint32(base + offset + X, true);
      const text = `${memory.getBigUint64(at, true)} ${memory.getBigUint64(at + 8, true)}`;
      counters.set(`${place.family} ${place.table} ${place.chain} ${place.index}`, text);
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
