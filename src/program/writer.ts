/** A growing image: little-endian words, and labels for offsets that are not known yet. */

const START_BYTES = 1 << 16;
const UNPLACED = -1;

/** An offset that is known once its label is placed. */
export type Label = number;

/** Where labels come from. Images that share a source can share pieces, for a label means the same in all of them. */
export class Labels {
  count = 0;

  next(): Label {
    return this.count++;
  }
}

/** A part of an image that can stand anywhere. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Words that are offsets into the piece. */
  readonly inner: readonly number[];
  /** Words that are offsets of labels: position, label, position, label … */
  readonly references: readonly number[];
}

export class ImageWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  readonly #labels: Labels;
  readonly #offsets: number[];
  /** Where offsets of labels must stand: position, label, position, label … */
  readonly #references: number[] = [];
  /** Where offsets of the image stand that setOffset() has written. */
  readonly #inner: number[] = [];

  /** `bytes`: as many as are expected. */
  constructor(labels: Labels = new Labels(), bytes = START_BYTES) {
    this.#labels = labels;
    this.#bytes = new Uint8Array(Math.max(bytes, START_BYTES));
    this.#view = new DataView(this.#bytes.buffer);
    this.#offsets = new Array<number>(labels.count).fill(UNPLACED);
  }

  get length(): number {
    return this.#length;
  }

  /** Appends zeros, so many; returns where they start. */
  reserve(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  align(bytes: number): void {
    this.reserve(-this.#length & (bytes - 1));
  }

  append32(value: number): void {
    this.set32(this.reserve(4), value);
  }

  appendBytes(bytes: Uint8Array): void {
    this.setBytes(this.reserve(bytes.length), bytes);
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

  newLabel(): Label {
    return this.#labels.next();
  }

  /** The label stands for the end of the image as it is now. */
  place(label: Label): void {
    if ((this.#offsets[label] ?? UNPLACED) !== UNPLACED) throw new Error("a label is placed twice");
    this.#offsets[label] = this.#length;
  }

  placeNew(): Label {
    const label = this.newLabel();
    this.place(label);
    return label;
  }

  /** Where the label is, once it is placed. */
  offsetOf(label: Label): number {
    const offset = this.#offsets[label] ?? UNPLACED;
    if (offset === UNPLACED) throw new Error("a label has no place");
    return offset;
  }

  /** The word at `at` shall be the label's offset. */
  refer(at: number, label: Label): void {
    this.#references.push(at, label);
  }

  /** The word at `at` is an offset of the image. */
  setOffset(at: number, offset: number): void {
    this.set32(at, offset);
    this.#inner.push(at);
  }

  /** Writes a part that refers to nothing of the image but through labels; returns it as a piece, too. */
  writePiece(write: () => void): Piece {
    const start = this.#length;
    const references = this.#references.length;
    const inner = this.#inner.length;
    write();
    const bytes = this.#bytes.slice(start, this.#length);
    const view = new DataView(bytes.buffer);
    const own = this.#inner.slice(inner).map((at) => at - start);
    for (const at of own) view.setUint32(at, view.getUint32(at, true) - start, true);
    const labels = this.#references.slice(references).map((value, i) => (i % 2 === 0 ? value - start : value));
    return { bytes, inner: own, references: labels };
  }

  appendPiece({ bytes, inner, references }: Piece): void {
    const start = this.reserve(bytes.length);
    this.setBytes(start, bytes);
    for (const at of inner) this.setOffset(start + at, this.#view.getUint32(start + at, true) + start);
    for (let i = 0; i < references.length; i += 2) this.refer(start + references[i]!, references[i + 1]!);
  }

  /** The image, with all references filled in. */
  finish(): Uint8Array {
    for (let i = 0; i < this.#references.length; i += 2) {
      this.set32(this.#references[i] ?? 0, this.offsetOf(this.#references[i + 1] ?? -1));
    }
    return this.#bytes.subarray(0, this.#length);
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
