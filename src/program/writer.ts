/**
 * A part of an image while it is written: little-endian words, and labels for offsets that are not known yet. It is
 * written as if it began the image. Words that are offsets are kept apart, so that image.ts can place it anywhere.
 */

import { IntList } from "./int-list.ts";

const START_BYTES = 1 << 12;
const UNPLACED = -1;

/**
 * An offset that is known once its label is placed. From 0 on they come from Labels and mean the same in all parts of all
 * images; those below 0 are a part's own.
 */
export type Label = number;

export class Labels {
  count = 0;

  next(): Label {
    return this.count++;
  }
}

export class ImageWriter {
  /** Words that are offsets of the part, and these offsets. */
  readonly offsetWords = new IntList();
  readonly offsets = new IntList();
  /** Words that mean one of Labels, and which. */
  readonly referenceWords = new IntList();
  readonly references = new IntList();
  /** Those of Labels that stand for a place in the part, and where. */
  readonly placedLabels = new IntList();
  readonly placedOffsets = new IntList();
  #bytes = new Uint8Array(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** By the part's own labels. The words that mean one: word, label, word, label … */
  readonly #ownOffsets: number[] = [];
  readonly #ownWords: number[] = [];

  /** Begins a new part in the same memory. */
  begin(): void {
    this.#length = 0;
    for (const list of [this.offsetWords, this.offsets, this.referenceWords, this.references]) list.clear();
    this.placedLabels.clear();
    this.placedOffsets.clear();
  }

  get length(): number {
    return this.#length;
  }

  /** Appends zeros, so many; returns where they start. */
  reserve(bytes: number): number {
    const at = this.#extend(bytes);
    this.#bytes.fill(0, at, this.#length);
    return at;
  }

  align(bytes: number): void {
    this.reserve(-this.#length & (bytes - 1));
  }

  append32(value: number): void {
    this.set32(this.#extend(4), value);
  }

  appendBytes(bytes: Uint8Array): void {
    this.setBytes(this.#extend(bytes.length), bytes);
  }

  set8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  set16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  get16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  set32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  setBytes(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  /** A label of the part's own. */
  newLabel(): Label {
    return ~(this.#ownOffsets.push(UNPLACED) - 1);
  }

  /** The label stands for the end of the part as it is now. */
  place(label: Label): void {
    if (label < 0) {
      this.#ownOffsets[~label] = this.#length;
      return;
    }
    this.placedLabels.push(label);
    this.placedOffsets.push(this.#length);
  }

  placeNew(): Label {
    const label = this.newLabel();
    this.place(label);
    return label;
  }

  /** The word at `at` shall be the label's offset. */
  refer(at: number, label: Label): void {
    if (label < 0) {
      this.#ownWords.push(at, label);
      return;
    }
    this.referenceWords.push(at);
    this.references.push(label);
  }

  /** The word at `at` shall be an offset of the part. */
  setOffset(at: number, offset: number): void {
    this.offsetWords.push(at);
    this.offsets.push(offset);
  }

  /** Ends the part: its own labels become offsets. Returns its bytes, a view that holds until the next part begins. */
  end(): Uint8Array<ArrayBuffer> {
    for (let i = 0; i < this.#ownWords.length; i += 2) {
      const offset = this.#ownOffsets[~this.#ownWords[i + 1]!]!;
      if (offset === UNPLACED) throw new Error("a label has no place");
      this.setOffset(this.#ownWords[i]!, offset);
    }
    this.#ownOffsets.length = 0;
    this.#ownWords.length = 0;
    return this.#bytes.subarray(0, this.#length);
  }

  #extend(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    let capacity = this.#bytes.length;
    while (capacity < this.#length) capacity *= 2;
    const bytes = new Uint8Array(capacity);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
