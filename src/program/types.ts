/** What the compiler takes and returns. */

import type { NodeNetwork } from "../network/types.ts";
import type { Origin, Ruleset, TableFamily } from "../ruleset/types.ts";
import type { CompileCache } from "./cache.ts";
import type { ImageVersion } from "./image-versions.ts";
import type { SetIds } from "./set-ids.ts";

export interface ProgramInput {
  readonly ruleset: Ruleset;
  readonly network: NodeNetwork;
  /**
   * The optimiser: runs of so many rules and more that compare the same fields with constants are found by a lookup instead
   * of one after the other. Verdicts, counters and places of rules are the same; only traces do not show the chains as they
   * are written. Default: chains are as they are written.
   */
  readonly indexFrom?: number | undefined;
  /** The same registry for all programs of an engine, so that elements of dynamic sets outlive them. */
  readonly setIds?: SetIds;
  /** What earlier programs have left, so that only what has changed since is compiled. */
  readonly cache?: CompileCache;
}

/** With a cache, the image and its places hold until the next program is compiled with it. */
export interface Program extends ProgramPlaces {
  readonly image: Uint8Array;
  /** What of it has changed since earlier programs that were compiled with the same cache. */
  readonly version: ImageVersion;
  /** Names of the interfaces by their index in the program. */
  readonly interfaces: readonly string[];
  readonly dynamicSets: readonly DynamicSet[];
  /** What could not be compiled: rules named here are not in the image. */
  readonly problems: readonly ProgramProblem[];
}

/** What the ruleset calls what stands at an offset of the image. */
export interface ProgramPlaces {
  /** The rule that an instruction belongs to, the same object for all of its own; undefined: none, a chain's end. */
  readonly ruleAt: (offset: number) => RulePlace | undefined;
  /** The chain that an instruction belongs to. */
  readonly chainAt: (offset: number) => ChainPlace | undefined;
  /** The named set or map that begins there; undefined: one that a rule lists itself. */
  readonly setAt: (offset: number) => SetPlace | undefined;
  /** The rules with their instructions, in the order of the ruleset. */
  readonly rules: () => Iterable<RuleRange>;
}

export interface ChainPlace {
  readonly family: TableFamily;
  readonly table: string;
  readonly chain: string;
}

export interface SetPlace {
  readonly family: TableFamily;
  readonly table: string;
  readonly set: string;
}

export interface DynamicSet {
  readonly id: number;
  readonly family: TableFamily;
  readonly table: string;
  readonly name: string;
}

export interface RulePlace extends ChainPlace {
  /** Position in the chain, from 0. */
  readonly index: number;
  readonly origin?: Origin;
}

/** A rule, and where its instructions begin and end. */
export interface RuleRange {
  readonly place: RulePlace;
  readonly begin: number;
  readonly end: number;
}

export interface ProgramProblem {
  readonly family?: TableFamily;
  readonly table?: string;
  /** The chain and the rule's position in it, or the set. */
  readonly chain?: string;
  readonly index?: number;
  readonly set?: string;
  readonly origin?: Origin;
  /** A warning: it is not run, as it stands in the way of nothing. Else an error. */
  readonly severity?: "error" | "warning";
  readonly message: string;
}

/** Ends the compilation of one rule or set; its message becomes a problem. Never leaves src/program. */
export class Uncompilable extends Error {}
