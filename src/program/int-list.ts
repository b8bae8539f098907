/** A list of 32-bit numbers that grows: what there are hundreds of thousands of, copied in one go. */

const START_LENGTH = 1 << 8;

export class IntList {
  #items = new Int32Array(START_LENGTH);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get(index: number): number {
    return this.#items[index]!;
  }

  push(item: number): void {
    if (this.#length === this.#items.length) this.#reserve(this.#length + 1);
    this.#items[this.#length++] = item;
  }

  append(other: IntList): void {
    this.replace(this.#length, this.#length, other, 0, other.#length);
  }

  /** Puts items of the other list, each greater by `added`, in the place of those from `from` to `to`. */
  replace(from: number, to: number, other: IntList, otherFrom: number, otherTo: number, added = 0): void {
    const end = from + otherTo - otherFrom;
    this.#reserve(this.#length + end - to);
    this.#items.copyWithin(end, to, this.#length);
    this.#length += end - to;
    this.#items.set(other.#items.subarray(otherFrom, otherTo), from);
    if (added !== 0) this.add(from, end, added);
  }

  /** Adds to each of the items from `from` to `to`. */
  add(from: number, to: number, added: number): void {
    for (let i = from; i < to; i++) this.#items[i]! += added;
  }

  clear(): void {
    this.#length = 0;
  }

  /** The items: a view that holds until the list changes. */
  items(): Int32Array {
    return this.#items.subarray(0, this.#length);
  }

  /** The index of the last item that is not above `limit`, where items ascend; −1: there is none. */
  lastUpTo(limit: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#items[middle]! <= limit) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Indices of the items that are among these numbers; ascending. */
  indicesOf(numbers: ReadonlySet<number>): number[] {
    let most = 0;
    for (const number of numbers) most = Math.max(most, number);
    const isWanted = new Uint8Array(most + 1);
    for (const number of numbers) isWanted[number] = 1;
    const indices: number[] = [];
    const items = this.#items;
    for (let i = 0; i < this.#length; i++) if (isWanted[items[i]!] === 1) indices.push(i);
    return indices;
  }

  #reserve(length: number): void {
    if (length <= this.#items.length) return;
    const items = new Int32Array(Math.max(length, this.#items.length * 2));
    items.set(this.#items.subarray(0, this.#length));
    this.#items = items;
  }
}
