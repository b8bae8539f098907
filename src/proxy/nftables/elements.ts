/** The elements of kube-proxy's sets and maps while the service ports are walked: one per key, the last one wins. */

import type { Element } from "../../ruleset/types.ts";

export class ElementTables {
  readonly #tables = new Map<string, Map<string, Element>>();

  /** Puts an element; `key` tells it apart from the others of its set or map. */
  put(table: string, key: string, element: Element): void {
    let elements = this.#tables.get(table);
    if (elements === undefined) {
      elements = new Map();
      this.#tables.set(table, elements);
    }
    elements.set(key, element);
  }

  of(table: string): readonly Element[] {
    return [...(this.#tables.get(table)?.values() ?? [])];
  }
}
