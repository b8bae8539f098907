/** What is kept from one program to the next, so that only what has changed is compiled: chains and sets by identity. */

import type { Chain, Element } from "../ruleset/types.ts";
import type { UsedSet, WriteLater } from "./rule.ts";
import type { EncodedSet } from "./sets.ts";
import type { RulePlace } from "./types.ts";
import { type Label, Labels, type Piece } from "./writer.ts";

/** Labels are never taken back; after so many everything is compiled anew. */
const LABELS_MAX = 1 << 22;

/** A chain that compiled without problems. */
export interface KeptChain {
  readonly piece: Piece;
  readonly behind: readonly WriteLater[];
  /** Where its rules start, counted from its own start, and what they are. */
  readonly ruleStarts: readonly number[];
  readonly rulePlaces: readonly (RulePlace | undefined)[];
  readonly uses: Uses;
}

/** Names that a chain or set refers to. */
export interface Uses {
  readonly chains: ReadonlySet<string>;
  readonly sets: ReadonlySet<string>;
  readonly lists: ReadonlySet<string>;
}

export interface KeptSet {
  readonly form: string;
  readonly elements: readonly Element[];
  readonly used: UsedSet;
  readonly encoded: EncodedSet;
  readonly uses: Uses;
}

/** One table's. Labels are by name and stay: what refers to them can be kept when what they stand for changes. */
export interface KeptTable {
  readonly chainLabels: Map<string, Label>;
  readonly setLabels: Map<string, Label>;
  readonly objectLabels: Map<string, Label>;
  chains: Map<Chain, KeptChain>;
  sets: Map<string, KeptSet>;
  /** Names of chains and forms of sets in the last program. */
  chainNames: ReadonlySet<string>;
  setForms: ReadonlyMap<string, string>;
}

export class CompileCache {
  labels = new Labels();
  /** Length of the last image. */
  imageBytes = 0;
  readonly listLabels = new Map<string, Label>();
  readonly #tables = new Map<string, KeptTable>();
  #interfaces = "";

  /** Begins a program. Other interfaces have other numbers, which are in the instructions. */
  begin(interfaces: string): void {
    if (interfaces === this.#interfaces && this.labels.count < LABELS_MAX) return;
    this.#interfaces = interfaces;
    this.labels = new Labels();
    this.listLabels.clear();
    this.#tables.clear();
  }

  table(name: string): KeptTable {
    const kept = this.#tables.get(name) ?? {
      chainLabels: new Map(),
      setLabels: new Map(),
      objectLabels: new Map(),
      chains: new Map(),
      sets: new Map(),
      chainNames: new Set<string>(),
      setForms: new Map<string, string>(),
    };
    this.#tables.set(name, kept);
    return kept;
  }

  /** The label of a name, the same in every program. */
  labelOf(labels: Map<string, Label>, name: string): Label {
    const label = labels.get(name) ?? this.labels.next();
    labels.set(name, label);
    return label;
  }
}
