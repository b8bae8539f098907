/** What two lists of the same objects have in common: lists whose states follow each other differ in a few places. */

/** before[from … to − 1] are after[at …]. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** How far beyond a difference the lists are searched for where they go on together. */
const LOOK_AHEAD = 64;

/** Runs of the same objects, in order; not always all that there are. */
export function commonRuns<T>(before: readonly T[], after: readonly T[]): Run[] {
  if (before === after) return before.length === 0 ? [] : [{ from: 0, to: before.length, at: 0 }];
  const tail = commonTail(before, after);
  const [endBefore, endAfter] = [before.length - tail, after.length - tail];
  const runs: Run[] = [];
  let i = 0;
  let j = 0;
  while (i < endBefore && j < endAfter) {
    const from = i;
    const at = j;
    while (i < endBefore && j < endAfter && before[i] === after[j]) {
      i++;
      j++;
    }
    if (i > from) runs.push({ from, to: i, at });
    const next = meetAgain(before, after, i, j);
    if (next === undefined) break;
    [i, j] = next;
  }
  if (tail > 0) runs.push({ from: endBefore, to: before.length, at: endAfter });
  return runs;
}

/** Indices of a list's items that are in no run. `count`: of the items; `side`: which list it is. */
export function outside(count: number, runs: readonly Run[], side: "before" | "after"): number[] {
  const indices: number[] = [];
  let next = 0;
  for (const { from, to, at } of runs) {
    const [start, end] = side === "before" ? [from, to] : [at, at + to - from];
    for (; next < start; next++) indices.push(next);
    next = end;
  }
  for (; next < count; next++) indices.push(next);
  return indices;
}

/** The runs without the items of these indices of the list before; indices ascend. */
export function withoutItems(runs: readonly Run[], indices: readonly number[]): Run[] {
  if (indices.length === 0) return [...runs];
  const left: Run[] = [];
  let next = 0;
  for (const { from, to, at } of runs) {
    let start = from;
    for (; next < indices.length && indices[next]! < to; next++) {
      const index = indices[next]!;
      if (index < from) continue;
      if (index > start) left.push({ from: start, to: index, at: at + start - from });
      start = index + 1;
    }
    if (start < to) left.push({ from: start, to, at: at + start - from });
  }
  return left;
}

/** The runs are the whole of both lists, which have so many items. */
export function isWhole(runs: readonly Run[], before: number, after: number): boolean {
  return outside(before, runs, "before").length + outside(after, runs, "after").length === 0;
}

function commonTail<T>(before: readonly T[], after: readonly T[]): number {
  const most = Math.min(before.length, after.length);
  let count = 0;
  while (count < most && before[before.length - 1 - count] === after[after.length - 1 - count]) count++;
  return count;
}

/** The nearest places behind i and j that hold the same object. */
function meetAgain<T>(before: readonly T[], after: readonly T[], i: number, j: number): [number, number] | undefined {
  for (let distance = 1; distance <= LOOK_AHEAD; distance++) {
    for (let ahead = 0; ahead <= distance; ahead++) {
      const [k, l] = [i + ahead, j + distance - ahead];
      if (k < before.length && l < after.length && before[k] === after[l]) return [k, l];
    }
  }
  return undefined;
}
