/**
 * A growing image: little-endian words, and labels for offsets that are not known yet. It can stand anywhere: words that
 * are offsets are kept apart until finish(), so that whole images or parts of them can be copied into others.
 */

import { IntList } from "./int-list.ts";

const START_BYTES = 1 << 16;
const UNPLACED = -1;

/**
 * An offset that is known once its label is placed. From 0 on they come from Labels and mean the same in all images;
 * those below 0 are an image's own and mean something until its part ends.
 */
export type Label = number;

export class Labels {
  count = 0;

  next(): Label {
    return this.count++;
  }
}

/** A part of an image: its bytes, and which of the image's offset words are in it. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly wordStart: number;
  readonly wordEnd: number;
}

export class ImageWriter {
  #bytes = new Uint8Array(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Words that are offsets: where they stand, and the label that they mean or, below 0, the complement of the offset. */
  readonly #words = new IntList();
  readonly #targets = new IntList();
  #offsets = new Int32Array(0);
  /** The part's own labels, and its words that mean one: word, label, word, label … */
  #ownOffsets: number[] = [];
  #ownWords: number[] = [];
  #images: { readonly image: ImageWriter; readonly start: number }[] = [];

  /** Begins a new image in the same memory. `labels`: how many there are besides its own. */
  begin(labels = 0): void {
    this.#length = 0;
    this.#words.clear();
    this.#targets.clear();
    if (this.#offsets.length < labels) this.#offsets = new Int32Array(labels * 2);
    this.#offsets.fill(UNPLACED);
    this.#ownOffsets = [];
    this.#ownWords = [];
    this.#images = [];
  }

  get length(): number {
    return this.#length;
  }

  /** How many words are offsets. */
  get wordCount(): number {
    return this.#words.length;
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

  /** A label of the image's own. */
  newLabel(): Label {
    return ~(this.#ownOffsets.push(UNPLACED) - 1);
  }

  /** The label stands for the end of the image as it is now. */
  place(label: Label): void {
    this.placeAt(label, this.#length);
  }

  placeAt(label: Label, offset: number): void {
    if (this.#placeOf(label) !== UNPLACED) throw new Error("a label is placed twice");
    if (label < 0) this.#ownOffsets[~label] = offset;
    else this.#offsets[label] = offset;
  }

  placeNew(): Label {
    const label = this.newLabel();
    this.place(label);
    return label;
  }

  /** Where the label is, once it is placed. */
  offsetOf(label: Label): number {
    const offset = this.#placeOf(label);
    if (offset === UNPLACED) throw new Error("a label has no place");
    return offset;
  }

  /** The word at `at` shall be the label's offset. */
  refer(at: number, label: Label): void {
    if (label < 0) {
      this.#ownWords.push(at, label);
    } else {
      this.#words.push(at);
      this.#targets.push(label);
    }
  }

  /** The word at `at` shall be an offset of the image. */
  setOffset(at: number, offset: number): void {
    this.#words.push(at);
    this.#targets.push(~offset);
  }

  /** Ends a part: the image's own labels are forgotten, and what refers to them has its offsets. */
  endPart(): void {
    for (let i = 0; i < this.#ownWords.length; i += 2) {
      this.setOffset(this.#ownWords[i]!, this.offsetOf(this.#ownWords[i + 1]!));
    }
    if (this.#ownOffsets.length > 0) this.#ownOffsets = [];
    if (this.#ownWords.length > 0) this.#ownWords = [];
  }

  /** Appends a part of another image that refers to nothing else there but by Labels. */
  appendPart(from: ImageWriter, { start, end, wordStart, wordEnd }: Part): void {
    const moved = this.#extend(end - start) - start;
    this.#bytes.set(from.#bytes.subarray(start, end), start + moved);
    this.#words.append(from.#words, wordStart, wordEnd, moved);
    if (moved === 0) {
      this.#targets.append(from.#targets, wordStart, wordEnd);
      return;
    }
    const targets = from.#targets.items();
    for (let i = wordStart; i < wordEnd; i++) {
      const target = targets[i]!;
      this.#targets.push(target < 0 ? target - moved : target);
    }
  }

  /** Appends a whole image, which is to stay as it is until this one is finished. */
  appendImage(image: ImageWriter): void {
    this.#images.push({ image, start: this.#length });
    this.appendBytes(image.#bytes.subarray(0, image.#length));
  }

  /** Indices of the offset words that mean one of the labels. */
  wordsOf(labels: ReadonlySet<Label>): number[] {
    const isWanted = new Uint8Array(greatest(labels) + 1);
    for (const label of labels) isWanted[label] = 1;
    const indices: number[] = [];
    const targets = this.#targets.items();
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!;
      if (target >= 0 && target < isWanted.length && isWanted[target] === 1) indices.push(i);
    }
    return indices;
  }

  /** The image with all offsets filled in: a view that holds until the next one begins. */
  finish(): Uint8Array<ArrayBuffer> {
    this.endPart();
    this.#fillIn(this, 0);
    for (const { image, start } of this.#images) this.#fillIn(image, start);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Fills in the offset words of an image that stands at `start`. */
  #fillIn(image: ImageWriter, start: number): void {
    const view = new Int32Array(this.#bytes.buffer);
    const offsets = this.#offsets;
    const words = image.#words.items();
    const targets = image.#targets.items();
    for (let i = 0; i < words.length; i++) {
      const target = targets[i]!;
      const offset = target < 0 ? ~target + start : offsets[target]!;
      if (offset < 0) throw new Error("a label has no place");
      view[(words[i]! + start) >> 2] = offset;
    }
  }

  #placeOf(label: Label): number {
    return (label < 0 ? this.#ownOffsets[~label] : this.#offsets[label]) ?? UNPLACED;
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

function greatest(labels: ReadonlySet<Label>): Label {
  let most = 0;
  for (const label of labels) most = Math.max(most, label);
  return most;
}
