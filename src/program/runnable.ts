/** Which tables and chains packets meet here: of the network layer's families and hooks, and awake. */

import type { Chain, Ruleset, Table } from "../ruleset/types.ts";
import type { ProgramProblem } from "./types.ts";

/** The tables that are run. Of the others, and of flowtables, is told that they are not. */
export function runnableTables({ tables }: Ruleset, problems: ProgramProblem[]): readonly Table[] {
  return tables.filter((table) => isRunnable(table, problems));
}

function isRunnable({ family, name, flags, flowtables = [] }: Table, problems: ProgramProblem[]): boolean {
  const place = { severity: "warning", family, table: name } as const;
  if (family === "bridge" || family === "arp" || family === "netdev") {
    problems.push({ ...place, message: `tables of family ${family} are not run` });
    return false;
  }
  if (flags?.includes("dormant")) return false;
  for (const flowtable of flowtables) {
    const message = `the flowtable "${flowtable.name}" is not run: its connections take the way of all others`;
    problems.push({ ...place, message });
  }
  return true;
}

/** A base chain at a hook that packets do not meet here. */
export function isIdle({ base }: Chain): boolean {
  return base?.hook === "ingress" || base?.hook === "egress";
}

const known = new WeakMap<Table, Table>();

/** The same object for the same table. */
export function withoutIdleChains(table: Table): Table {
  const awake = known.get(table) ?? { ...table, chains: table.chains.filter((chain) => !isIdle(chain)) };
  known.set(table, awake);
  return awake;
}

export function tellIdleChains({ family, name: table, chains }: Table, problems: ProgramProblem[]): void {
  for (const { name: chain, base } of chains.filter(isIdle)) {
    problems.push({ severity: "warning", family, table, chain, message: `chains at ${base?.hook} are not run` });
  }
}
