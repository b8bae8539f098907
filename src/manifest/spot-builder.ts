/** Builds trees of offsets from the events of a parser, whatever the format. */

import type { DuplicateKey, Spot } from "./position.ts";

interface Frame {
  readonly spot: { readonly key: number; readonly value: number; fields?: Map<string, Spot>; items?: Spot[] };
  /** In a mapping: the key that waits for its value. */
  key?: { readonly name: string; readonly offset: number } | undefined;
}

export class SpotBuilder {
  /** One tree per document, in the order of the text. */
  readonly roots: Spot[] = [];
  readonly duplicates: DuplicateKey[] = [];
  readonly #frames: Frame[] = [];

  /** The next value is a mapping's key. */
  get expectsKey(): boolean {
    const top = this.#frames.at(-1);
    return top?.spot.fields !== undefined && top.key === undefined;
  }

  /** What the innermost open collection is. */
  get inside(): "mapping" | "list" | undefined {
    const top = this.#frames.at(-1);
    if (top === undefined) return undefined;
    return top.spot.fields !== undefined ? "mapping" : "list";
  }

  /** Where the key stands that waits for its value. */
  get waitingOffset(): number | undefined {
    return this.#frames.at(-1)?.key?.offset;
  }

  open(kind: "mapping" | "list", value: number): void {
    const key = this.waitingOffset ?? value;
    const spot = kind === "mapping" ? { key, value, fields: new Map<string, Spot>() } : { key, value, items: [] };
    this.#frames.push({ spot, key: undefined });
  }

  /** Ends the innermost collection, if one is open. */
  close(): void {
    const frame = this.#frames.pop();
    if (frame !== undefined) this.#attach(frame.spot, () => "");
  }

  /** A plain value, or a key; only of a key is the name wanted. */
  plain(value: number, name: () => string): void {
    this.#attach({ key: this.waitingOffset ?? value, value }, name);
  }

  #attach(spot: Spot, name: () => string): void {
    const parent = this.#frames.at(-1);
    if (parent === undefined) {
      this.roots.push(spot);
      return;
    }
    const { fields, items } = parent.spot;
    if (fields === undefined) items?.push(spot);
    else if (parent.key === undefined) {
      parent.key = { name: name(), offset: spot.value };
      if (fields.has(parent.key.name)) this.duplicates.push(parent.key);
    } else {
      fields.set(parent.key.name, spot);
      parent.key = undefined;
    }
  }
}
