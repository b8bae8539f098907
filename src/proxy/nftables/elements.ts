/** The elements of kube-proxy's sets and maps while the service ports are walked: one per key, the last one wins. */

import type { Element } from "../../ruleset/types.ts";
import type { PutElement } from "./service-part.ts";

/** Where a service port puts its elements. */
export class ElementList {
  readonly puts: PutElement[] = [];

  /** Puts an element; `key` tells it apart from the others of its set or map. */
  put(table: string, key: string, element: Element): void {
    this.puts.push({ table, key, element });
  }
}

export class ElementTables {
  readonly #tables = new Map<string, Map<string, Element>>();

  putAll(puts: readonly PutElement[]): void {
    for (const { table, key, element } of puts) {
      const elements = this.#tables.get(table) ?? new Map<string, Element>();
      this.#tables.set(table, elements);
      elements.set(key, element);
    }
  }

  of(table: string): readonly Element[] {
    return [...(this.#tables.get(table)?.values() ?? [])];
  }
}
