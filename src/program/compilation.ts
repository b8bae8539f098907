/** What the tables of a program share while it is compiled. */

import type { CompileCache } from "./cache.ts";
import type { RecentList } from "./recent-lists.ts";
import { type DynamicSet, type ProgramProblem, Uncompilable } from "./types.ts";
import type { InterfaceNumbers } from "./values.ts";
import type { Label } from "./writer.ts";

export interface Compilation {
  readonly interfaces: InterfaceNumbers;
  /** As in ProgramInput. */
  readonly indexFrom: number | undefined;
  readonly problems: ProgramProblem[];
  /** What is compiled just now. */
  at: Omit<ProgramProblem, "message">;
  readonly dynamicSets: (DynamicSet & { readonly label: Label })[];
  readonly recentLists: Map<string, RecentList>;
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
