/** Counters of rules: what each rule has met, as `iptables-save -c` tells it. Only programs that are asked for them have them. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { Rule, Ruleset, Statement } from "../ruleset/types.ts";
import type { Program, RulePlace } from "./types.ts";

/** Where the engine counts: packets and bytes, u64 each, at an offset of the image. */
export interface PlacedCounter {
  readonly place: RulePlace;
  readonly offset: number;
}

/** The ruleset with a counter in every rule, between its matches and its target. Packets then meet the rules one by one. */
export function withRuleCounters({ tables }: Ruleset): Ruleset {
  return {
    tables: tables.map((table) => ({
      ...table,
      chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.map(counted) })),
    })),
  };
}

function counted(rule: Rule): Rule {
  const { statements } = rule;
  const last = statements.at(-1);
  const end = last !== undefined && isTarget(last) ? statements.length - 1 : statements.length;
  return { ...rule, statements: [...statements.slice(0, end), { kind: "counter" }, ...statements.slice(end)] };
}

function isTarget(statement: Statement): boolean {
  switch (statement.kind) {
    case "xt":
      return statement.words.startsWith("-j ");
    case "match":
    case "lookup":
    case "statistic":
    case "recent":
    case "nfacct":
    case "alternatives":
    case "limit":
    case "connlimit":
    case "quota":
      return false;
    default:
      return true;
  }
}

/** The counters of the program's rules, in their order: the first of each rule. */
export function ruleCounters({ image, rules }: Program): PlacedCounter[] {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const counters: PlacedCounter[] = [];
  for (const { place, begin, end } of rules()) {
    for (let at = begin; at < end; at += Instructions.INSTRUCTION_SIZE) {
      if (view.getUint8(at + Instructions.OP) !== Instructions.OP_COUNTER) continue;
      counters.push({ place, offset: view.getUint32(at + Instructions.X, true) });
      break;
    }
  }
  return counters;
}
