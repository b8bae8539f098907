/** A growing image: little-endian words, and labels for offsets that are not known yet. */

const START_BYTES = 1 << 16;

/** An offset that is known once its label is placed. */
export type Label = number;

export class ImageWriter {
  #bytes = new Uint8Array(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #offsets: number[] = [];
  /** Where offsets of labels must stand: position, label, position, label … */
  readonly #references: number[] = [];

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
    return this.#offsets.push(-1) - 1;
  }

  /** The label stands for the end of the image as it is now. */
  place(label: Label): void {
    if (this.#offsets[label] !== -1) throw new Error("a label is placed twice");
    this.#offsets[label] = this.#length;
  }

  placeNew(): Label {
    const label = this.newLabel();
    this.place(label);
    return label;
  }

  /** Where the label is, once it is placed. */
  offsetOf(label: Label): number {
    const offset = this.#offsets[label] ?? -1;
    if (offset < 0) throw new Error("a label has no place");
    return offset;
  }

  /** The word at `at` shall be the label's offset. */
  refer(at: number, label: Label): void {
    this.#references.push(at, label);
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
