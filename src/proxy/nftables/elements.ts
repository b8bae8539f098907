/** The elements of kube-proxy's sets and maps while the service ports are walked: one per key, the last one wins. */

import { outside } from "../../ruleset/runs.ts";
import type { Element } from "../../ruleset/types.ts";
import type { PartChanges } from "../joined-list.ts";
import type { PutElement, ServicePart } from "./service-part.ts";

const NONE: readonly Element[] = [];

interface KeptElements {
  /** How many parts put each key, and how many keys more than one. */
  readonly counts: Map<string, number>;
  repeated: number;
  /** Undefined until they are asked for. */
  elements?: readonly Element[] | undefined;
}

/** Where a service port puts its elements. */
export class ElementList {
  readonly puts: PutElement[] = [];

  /** Puts an element; `key` tells it apart from the others of its set or map. */
  put(table: string, key: string, element: Element): void {
    this.puts.push({ table, key, element });
  }
}

/** Of each set and map the elements, from one list of parts to the next. */
export class ElementTables {
  readonly #tables = new Map<string, KeptElements>();
  #parts: readonly ServicePart[] = [];

  /** Takes the elements of the parts that there are now; the lists that do not change stay the same. */
  update({ before, after, runs }: PartChanges<ServicePart>): void {
    const gone = outside(before.length, runs, "before").map((index) => before[index]!.elements);
    const come = outside(after.length, runs, "after").map((index) => after[index]!.elements);
    this.#parts = after;
    if (gone.length === come.length && gone.every((puts, index) => puts === come[index])) return;
    for (const { table, key } of gone.flat()) this.#change(table, key, -1);
    for (const { table, key } of come.flat()) this.#change(table, key, 1);
  }

  of(table: string): readonly Element[] {
    const kept = this.#tables.get(table);
    if (kept === undefined) return NONE;
    kept.elements ??= kept.repeated === 0 ? this.#all(table) : this.#lastOfEachKey(table);
    return kept.elements;
  }

  #change(table: string, key: string, by: 1 | -1): void {
    const kept: KeptElements = this.#tables.get(table) ?? { counts: new Map(), repeated: 0 };
    this.#tables.set(table, kept);
    const before = kept.counts.get(key) ?? 0;
    const after = before + by;
    if (after === 0) kept.counts.delete(key);
    else kept.counts.set(key, after);
    kept.repeated += Number(after > 1) - Number(before > 1);
    kept.elements = undefined;
  }

  #all(table: string): Element[] {
    const elements: Element[] = [];
    for (const part of this.#parts) {
      for (const put of part.elements) if (put.table === table) elements.push(put.element);
    }
    return elements;
  }

  #lastOfEachKey(table: string): Element[] {
    const elements = new Map<string, Element>();
    for (const part of this.#parts) {
      for (const put of part.elements) if (put.table === table) elements.set(put.key, put.element);
    }
    return [...elements.values()];
  }
}
