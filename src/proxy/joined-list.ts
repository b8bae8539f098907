/** What parts have of something, joined in their order, from one list of parts to the next. */

import { commonRuns, outside, type Run } from "../ruleset/runs.ts";

/** How one list of parts follows from another. */
export interface PartChanges<P> {
  readonly before: readonly P[];
  readonly after: readonly P[];
  /** What they have in common. */
  readonly runs: readonly Run[];
}

export function partChanges<P>(before: readonly P[], after: readonly P[]): PartChanges<P> {
  return { before, after, runs: commonRuns(before, after) };
}

export class JoinedList<P, T> {
  readonly #listOf: (part: P) => readonly T[];
  #items: readonly T[] = [];

  constructor(listOf: (part: P) => readonly T[]) {
    this.#listOf = listOf;
  }

  /** The items of the parts that there are now: the same list, if they are the same. The list was of those before. */
  update(changes: PartChanges<P>): readonly T[] {
    if (!this.#isSame(changes)) this.#items = this.#spliced(changes);
    return this.#items;
  }

  /** Parts have changed only into others that have the same items. */
  #isSame({ before, after, runs }: PartChanges<P>): boolean {
    if (before.length !== after.length || runs.some(({ from, at }) => from !== at)) return false;
    return outside(after.length, runs, "after").every((index) => {
      return isSameList(this.#listOf(before[index]!), this.#listOf(after[index]!));
    });
  }

  #spliced({ before, after, runs }: PartChanges<P>): readonly T[] {
    const starts = this.#startsOf(before);
    const pieces: (readonly T[])[] = [];
    let next = 0;
    for (const { from, to, at } of [...runs, { from: 0, to: 0, at: after.length }]) {
      pieces.push(after.slice(next, at).flatMap(this.#listOf));
      pieces.push(this.#items.slice(starts[from], starts[to]));
      next = at + to - from;
    }
    return ([] as T[]).concat(...pieces);
  }

  /** By parts, where their items begin; at last, where they end. */
  #startsOf(parts: readonly P[]): Int32Array {
    const starts = new Int32Array(parts.length + 1);
    for (let i = 0; i < parts.length; i++) starts[i + 1] = starts[i]! + this.#listOf(parts[i]!).length;
    return starts;
  }
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
