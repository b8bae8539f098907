/** Rules and the node's network → the image that the engine runs (assembly/layout/program.ts). */

import * as Layout from "../../assembly/layout/program.ts";
import type { NodeNetwork } from "../network/types.ts";
import { CompileCache } from "./cache.ts";
import type { Compilation } from "./compilation.ts";
import { isEstablishedFree, isNewFree } from "./established.ts";
import { hasFamily, type PlacedChain, type Tracking, trackingOf, writeHooks } from "./hooks.ts";
import { networkFlags, writeNetwork } from "./network.ts";
import { placesOf } from "./places.ts";
import { writeRecentLists } from "./recent-lists.ts";
import { runnableTables } from "./runnable.ts";
import { SetIds } from "./set-ids.ts";
import { isNewSteady } from "./steady.ts";
import { type CompiledTable, compileTable, mendTable } from "./tables.ts";
import type { Program, ProgramInput, ProgramProblem } from "./types.ts";
import type { InterfaceNumbers } from "./values.ts";
import type { ImageWriter } from "./writer.ts";

/** Compiles a program. What cannot be compiled is returned as problems; the rest of the rules stands. */
export function compileProgram(input: ProgramInput): Program {
  const { network, setIds = new SetIds(), cache = new CompileCache(), indexFrom } = input;
  const problems: ProgramProblem[] = [];
  const listed = runnableTables(input.ruleset, problems);
  cache.begin(JSON.stringify(network.interfaces.map(({ name, index }) => [name, index])), listed);
  const compilation: Compilation = {
    interfaces: interfaceNumbers(network),
    indexFrom,
    problems,
    at: {},
    dynamicSets: [],
    recentLists: new Map(),
    setId: (name) => setIds.idOf(name),
    cache,
  };
  const tables = listed.map((table) => compileTable(compilation, table));
  setIds.endProgram();
  putFrame(compilation, tables, network, setIds.limit);
  for (const table of tables) mendTable(compilation, table);
  const { image } = cache;
  return {
    image: image.finish(),
    version: image.version,
    interfaces: network.interfaces.map(({ name }) => name),
    dynamicSets: compilation.dynamicSets.map(({ label: _, ...set }) => set),
    ...placesOf(image, tables),
    problems,
  };
}

/** Puts into the image what is not in a block of its own: header, objects, sets that rules change, hooks, the network. */
function putFrame(
  compilation: Compilation,
  tables: readonly CompiledTable[],
  network: NodeNetwork,
  idLimit: number,
): void {
  const { image, writer, frame } = compilation.cache;
  writer.begin();
  writer.reserve(Layout.HEADER_BYTES);
  for (const table of tables) for (const write of table.frame) write(writer);
  const tracking4 = writeFamily(writer, tables, 4);
  const tracking6 = writeFamily(writer, tables, 6);
  writeDynamicSets(writer, compilation, idLimit);
  writeRecentLists(writer, compilation.recentLists, idLimit);
  writeNetwork(writer, network);
  writer.set32(Layout.MAGIC, Layout.MAGIC_VALUE);
  writer.set32(Layout.FLAGS, trackingFlags(tracking4, tracking6) | networkFlags(network));
  image.put(frame, writer, { headerBytes: Layout.HEADER_BYTES, isChanging: true });
}

function writeFamily(writer: ImageWriter, tables: readonly CompiledTable[], family: 4 | 6): Tracking {
  const placed: PlacedChain[] = [];
  for (const { table, bases, changedSets, labelOf } of tables) {
    if (!hasFamily(table, family)) continue;
    for (const chain of bases) {
      const isFilter = chain.base.type !== "nat";
      placed.push({
        chain,
        label: labelOf(chain),
        isEstablishedFree: isFilter && isEstablishedFree(table, chain, changedSets),
        isNewFree: isFilter && isNewFree(table, chain, changedSets),
        isNewSteady: isFilter && isNewSteady(table, chain, changedSets),
      });
    }
  }
  const tracking = trackingOf({ tables: tables.map(({ table }) => table) }, family);
  writeHooks(writer, family, placed, tracking);
  return tracking;
}

/** The array by which the engine finds the set of an id. */
function writeDynamicSets(writer: ImageWriter, { dynamicSets }: Compilation, limit: number): void {
  writer.align(8);
  const start = writer.reserve(limit * 4);
  writer.setOffset(Layout.DYNAMIC_SETS, start);
  writer.set32(Layout.DYNAMIC_SET_COUNT, limit);
  for (const { id, label } of dynamicSets) writer.refer(start + id * 4, label);
}

function trackingFlags(tracking4: Tracking, tracking6: Tracking): number {
  return (
    (tracking4.track ? Layout.PROGRAM_TRACK4 : 0) |
    (tracking6.track ? Layout.PROGRAM_TRACK6 : 0) |
    (tracking4.nat ? Layout.PROGRAM_NAT4 : 0) |
    (tracking6.nat ? Layout.PROGRAM_NAT6 : 0)
  );
}

function interfaceNumbers({ interfaces }: NodeNetwork): InterfaceNumbers {
  return {
    byName: new Map(interfaces.map(({ name }, index) => [name, index + 1])),
    byKernelIndex: new Map(interfaces.map(({ index: kernelIndex }, index) => [kernelIndex, index + 1])),
  };
}
