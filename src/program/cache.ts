/** What is kept from one program to the next, so that only what has changed is compiled: chains and sets by identity. */

import type { Chain, Element, Recent, Table } from "../ruleset/types.ts";
import { ChainSection } from "./chain-section.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { Image } from "./image.ts";
import { JumpDepths } from "./jumps.ts";
import { ImageWriter, type Label, Labels } from "./writer.ts";

/** Labels are never taken back; after so many everything is compiled anew. */
const LABELS_MAX = 1 << 22;

export interface KeptSet {
  /** Key and value, as types and as declared. */
  readonly form: string;
  readonly elements: readonly Element[];
  /** Its table is the one set's that is kept: patched when elements come and go. */
  readonly encoded: EncodedSet;
}

/** What of a chain the rest of the program has to know. */
export interface ChainNote {
  /** Position in the table. */
  readonly index: number;
  readonly chain: Chain;
  /** It writes into packets: what rules compare may change while a chain is walked. */
  readonly isRewriting: boolean;
  /** Sets that its rules change, and statements that name lists of recent addresses. */
  readonly updatedSets: readonly string[];
  readonly recentLists: readonly Recent[];
}

/** One table's. Labels are by name and stay: what refers to them can be kept when what they stand for changes. */
export class KeptTable {
  chains: Table["chains"] = [];
  section = new ChainSection();
  /** From how many rules on runs in the chains are found by a lookup. */
  indexFrom: number | undefined = undefined;
  /** Chains that are not in the program as they are in the table; there are problems with them. */
  flawed: ReadonlySet<Chain> = new Set();
  /** Of base chains and chains that name sets or lists; in the table's order. */
  notes: readonly ChainNote[] = [];
  sets: ReadonlyMap<string, KeptSet> = new Map();
  /** How instructions use sets and objects, by their names. */
  setForms: ReadonlyMap<string, string> = new Map();
  objectForms: ReadonlyMap<string, string> = new Map();
  readonly chainLabels = new Map<string, Label>();
  readonly setLabels = new Map<string, Label>();
  readonly objectLabels = new Map<string, Label>();
  readonly depths = new JumpDepths();
}

export class CompileCache {
  readonly listLabels = new Map<string, Label>();
  /** The image, and where its parts are put together, one after the other. */
  image = new Image();
  readonly writer = new ImageWriter();
  labels = new Labels();
  /** What tables share: the header, hooks, the network. */
  frame: Label = this.labels.next();
  readonly #tables = new Map<string, KeptTable>();
  #interfaces = "";

  /** Begins a program of these tables. Other interfaces have other numbers, which are in the instructions. */
  begin(interfaces: string, tables: readonly Table[]): void {
    const isReset = interfaces !== this.#interfaces || this.labels.count >= LABELS_MAX || this.image.isWasteful;
    if (isReset) this.#reset();
    this.#interfaces = interfaces;
    this.image.begin();
    const names = new Set(tables.map(nameOf));
    for (const [name, kept] of this.#tables) if (!names.has(name)) this.#drop(name, kept);
  }

  table(table: Table): KeptTable {
    const name = nameOf(table);
    const kept = this.#tables.get(name) ?? new KeptTable();
    this.#tables.set(name, kept);
    return kept;
  }

  /** The label of a name, the same in every program. */
  labelOf(labels: Map<string, Label>, name: string): Label {
    const label = labels.get(name) ?? this.labels.next();
    labels.set(name, label);
    return label;
  }

  #reset(): void {
    this.image = new Image();
    this.labels = new Labels();
    this.frame = this.labels.next();
    this.listLabels.clear();
    this.#tables.clear();
  }

  #drop(name: string, { chainLabels, sets, setLabels }: KeptTable): void {
    for (const label of chainLabels.values()) this.image.remove(label);
    for (const set of sets.keys()) this.image.remove(setLabels.get(set)!);
    this.#tables.delete(name);
  }
}

function nameOf({ family, name }: Table): string {
  return `${family} ${name}`;
}
