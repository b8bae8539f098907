/** What the tables of a program share while it is compiled. */

import type { CompileCache } from "./cache.ts";
import { type DynamicSet, type ProgramProblem, Uncompilable } from "./types.ts";
import type { InterfaceNumbers } from "./values.ts";
import type { Label } from "./writer.ts";

export interface Compilation {
  readonly interfaces: InterfaceNumbers;
  readonly problems: ProgramProblem[];
  /** What is compiled just now. */
  at: Omit<ProgramProblem, "message">;
  readonly dynamicSets: (DynamicSet & { readonly label: Label })[];
  readonly recentLists: Map<string, { readonly id: number; readonly label: Label }>;
  readonly setId: (name: string) => number;
  readonly cache: CompileCache;
}

/** Runs a part of the compilation; if it cannot be done, that becomes a problem of its place. */
export function attempt(compilation: Compilation, place: Omit<ProgramProblem, "message">, part: () => void): void {
  const { problems } = compilation;
  compilation.at = place;
  try {
    part();
  } catch (error) {
    if (!(error instanceof Uncompilable)) throw error;
    problems.push({ ...place, message: error.message });
  }
}

/** xt_recent finds its lists by name, whatever the table and the family. */
export function recentListOf({ recentLists, setId, cache }: Compilation, name: string): Label {
  const list = recentLists.get(name) ?? {
    id: setId(`recent ${name}`),
    label: cache.labelOf(cache.listLabels, name),
  };
  recentLists.set(name, list);
  return list.label;
}
