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

  /** Appends the other's items `from` … `to` − 1, each greater by `added`. */
  append(other: IntList, from: number, to: number, added = 0): void {
    const start = this.#length;
    const end = start + to - from;
    this.#reserve(end);
    const source = other.#items;
    const items = this.#items;
    if (added === 0) items.set(source.subarray(from, to), start);
    else for (let i = start, j = from; i < end; i++, j++) items[i] = source[j]! + added;
    this.#length = end;
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

  #reserve(length: number): void {
    if (length <= this.#items.length) return;
    const items = new Int32Array(Math.max(length, this.#items.length * 2));
    items.set(this.#items);
    this.#items = items;
  }
}
