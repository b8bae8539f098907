/** What is needed to put names to a trace: the program's bytes, the rules, the node. */

import type { NodeProgram } from "../library/setup.ts";
import type { NodeNetwork } from "../network/types.ts";
import type { ProgramPlaces } from "../program/types.ts";
import type { InterfaceNumbers } from "../program/values.ts";
import type { Chain, NamedSet, Ruleset, Table } from "../ruleset/types.ts";
import type { Place } from "./types.ts";

export interface TraceContext {
  readonly image: DataView;
  readonly places: ProgramPlaces;
  readonly network: NodeNetwork;
  /** Names of interfaces by index, and what rules call them. */
  readonly interfaces: readonly string[];
  readonly interfaceNumbers: InterfaceNumbers;
  readonly table: (family: string, name: string) => Table | undefined;
  readonly chain: (place: Place) => Chain | undefined;
}

export function traceContext(program: NodeProgram, ruleset: Ruleset): TraceContext {
  const { image, places, network, interfaces } = program;
  const tables = new Map(ruleset.tables.map((table) => [`${table.family} ${table.name}`, table]));
  const chains = new Map(
    ruleset.tables.flatMap(({ family, name, chains: all }) =>
      all.map((chain) => [`${family} ${name} ${chain.name}`, chain] as const),
    ),
  );
  return {
    image: new DataView(image.buffer, image.byteOffset, image.byteLength),
    places,
    network,
    interfaces,
    interfaceNumbers: {
      byName: new Map(interfaces.map((name, index) => [name, index + 1])),
      byKernelIndex: new Map(network.interfaces.map(({ index: kernelIndex }, index) => [kernelIndex, index + 1])),
    },
    table: (family, name) => tables.get(`${family} ${name}`),
    chain: ({ family, table, chain }) => chains.get(`${family} ${table} ${chain}`),
  };
}

/** A set or map of a table. */
export function namedSet(context: TraceContext, { family, table }: Place, name: string): NamedSet | undefined {
  return context.table(family, table)?.sets.find((set) => set.name === name);
}
