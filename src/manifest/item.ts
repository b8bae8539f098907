/** A value in a document: the document itself or an item of a list. Its places are worked out when somebody is told of them. */

import type { Document } from "./documents.ts";
import { offsetOf, parsePath, type Segment } from "./position.ts";
import type { Located, Place } from "./types.ts";

/** A class, because a text holds tens of thousands: an object with a getter of its own costs a microsecond. */
export class Item implements Located<Record<string, unknown>> {
  readonly document: Document;
  /** Leads to the value inside the document. */
  readonly prefix: readonly Segment[];
  readonly object: Record<string, unknown>;

  constructor(document: Document, prefix: readonly Segment[], object: Record<string, unknown>) {
    this.document = document;
    this.prefix = prefix;
    this.object = object;
  }

  get place(): Place {
    return this.#at([]);
  }

  placeOf(path: string): Place {
    return this.#at(parsePath(path));
  }

  #at(path: readonly Segment[]): Place {
    const { document, prefix } = this;
    return document.source.placeAt(offsetOf(document.root(), [...prefix, ...path]));
  }
}
