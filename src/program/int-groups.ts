/** Pairs of 32-bit numbers in groups that follow each other: what chains have of words, of rules. */

import { IntList } from "./int-list.ts";

export class IntGroups {
  readonly first = new IntList();
  readonly second = new IntList();
  /** By groups: where their pairs begin. */
  readonly #starts = new IntList();

  /** What is pushed from now on belongs to the next group. */
  begin(): void {
    this.#starts.push(this.first.length);
  }

  push(first: number, second: number): void {
    this.first.push(first);
    this.second.push(second);
  }

  /** Where the group's pairs begin, and with the next group, where they end. */
  startOf(group: number): number {
    return group === this.#starts.length ? this.first.length : this.#starts.get(group);
  }

  /** The group to which the pair at an index belongs. */
  groupOf(index: number): number {
    return this.#starts.lastUpTo(index);
  }

  /** Puts the groups of another list from `otherFrom` to `otherTo` in the place of those from `from` to `to`. */
  replace(from: number, to: number, other: IntGroups, otherFrom: number, otherTo: number): void {
    const [start, end] = [this.startOf(from), this.startOf(to)];
    const [otherStart, otherEnd] = [other.startOf(otherFrom), other.startOf(otherTo)];
    this.first.replace(start, end, other.first, otherStart, otherEnd);
    this.second.replace(start, end, other.second, otherStart, otherEnd);
    this.#starts.replace(from, to, other.#starts, otherFrom, otherTo, start - otherStart);
    const added = otherEnd - otherStart - (end - start);
    if (added !== 0) this.#starts.add(from + otherTo - otherFrom, this.#starts.length, added);
  }
}
