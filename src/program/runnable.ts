/** Which tables and chains packets meet here: of the network layer's families and hooks, and awake. */

import type { Chain, Ruleset, Table } from "../ruleset/types.ts";
import type { ProgramProblem } from "./types.ts";

const known = new WeakMap<Table, Table>();

/** The ruleset without what is not run, of which each part is told. */
export function runnablePart({ tables }: Ruleset, problems: ProgramProblem[]): Ruleset {
  return { tables: tables.flatMap((table) => runnableTable(table, problems)) };
}

function runnableTable(table: Table, problems: ProgramProblem[]): readonly Table[] {
  const { family, name, flags, flowtables = [], chains } = table;
  const place = { severity: "warning", family, table: name } as const;
  if (family === "bridge" || family === "arp" || family === "netdev") {
    problems.push({ ...place, message: `tables of family ${family} are not run` });
    return [];
  }
  if (flags?.includes("dormant")) return [];
  for (const flowtable of flowtables) {
    const message = `the flowtable "${flowtable.name}" is not run: its connections take the way of all others`;
    problems.push({ ...place, message });
  }
  const outside = chains.filter(isOutside);
  for (const { name: chain, base } of outside) {
    problems.push({ ...place, chain, message: `chains at ${base?.hook} are not run` });
  }
  if (outside.length === 0) return [table];
  const runnable = known.get(table) ?? { ...table, chains: chains.filter((chain) => !isOutside(chain)) };
  known.set(table, runnable);
  return [runnable];
}

function isOutside({ base }: Chain): boolean {
  return base?.hook === "ingress" || base?.hook === "egress";
}
