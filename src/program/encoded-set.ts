/** A set or map as a table, and as it stands in the image. */

import * as Layout from "../../assembly/layout/program.ts";
import { NO_LABEL } from "./hash-table.ts";
import type { ImageWriter, Label } from "./writer.ts";

export interface EncodedSet {
  readonly kind: number;
  readonly keyWords: number;
  readonly valueWords: number;
  readonly count: number;
  /** HASH whose first two key parts are equally long: words of one, and elements in which both are equal. */
  readonly twins?: { readonly words: number; readonly count: number };
  /** HASH: slots − 1. */
  readonly mask: number;
  readonly strideWords: number;
  readonly table: Uint32Array;
  /** Words of the table that are offsets of chains or objects: word, label, word, label … */
  readonly references: readonly number[];
  /** HASH instead: by slots, the label that the value's last word means, or NO_LABEL. */
  readonly labels?: Int32Array;
  /** The value of all keys that have no element, and its references, counted from its first word. */
  readonly fallback?: { readonly words: Uint32Array; readonly references: readonly number[] };
}

/** Appends the set's header and its table; `label` is placed at the header. */
export function writeSet(writer: ImageWriter, label: Label, set: EncodedSet): void {
  writer.align(8);
  writer.place(label);
  const at = writer.reserve(Layout.SET_SIZE);
  writer.set8(at + Layout.SET_KIND, set.kind);
  writer.set8(at + Layout.SET_KEY_BYTES, set.keyWords * 4);
  writer.set8(at + Layout.SET_VALUE_BYTES, set.valueWords * 4);
  if (set.twins?.count === set.count) writer.set8(at + Layout.SET_TWIN_BYTES, set.twins.words * 4);
  writer.set32(at + Layout.SET_COUNT, set.count);
  writer.set32(at + Layout.SET_MASK, set.mask);
  writer.set32(at + Layout.SET_STRIDE, set.strideWords * 4);
  writer.setOffset(at + Layout.SET_ELEMENTS, writer.length);
  const table = writer.length;
  writer.appendBytes(new Uint8Array(set.table.buffer));
  referAll(writer, table, set.references);
  set.labels?.forEach((meant, slot) => {
    if (meant !== NO_LABEL) writer.refer(table + ((slot + 1) * set.strideWords - 1) * 4, meant);
  });
  if (set.fallback !== undefined) writeFallback(writer, at, set.fallback);
}

function writeFallback(
  writer: ImageWriter,
  header: number,
  { words, references }: NonNullable<EncodedSet["fallback"]>,
): void {
  const at = writer.length;
  writer.setOffset(header + Layout.SET_DEFAULT, at);
  writer.appendBytes(new Uint8Array(words.buffer));
  referAll(writer, at, references);
}

function referAll(writer: ImageWriter, start: number, references: readonly number[]): void {
  for (let i = 0; i < references.length; i += 2) writer.refer(start + references[i]! * 4, references[i + 1]!);
}

/** Whether a value means one of the labels. */
export function refersTo({ labels, references, fallback }: EncodedSet, meant: ReadonlySet<Label>): boolean {
  const isMeant = (item: number, i: number): boolean => i % 2 === 1 && meant.has(item);
  return (
    (labels?.some((label) => meant.has(label)) ?? false) ||
    references.some(isMeant) ||
    (fallback?.references.some(isMeant) ?? false)
  );
}
