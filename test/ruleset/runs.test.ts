/** What two lists have in common: the runs tell the later one from the earlier, whatever came, went or moved. */

import { describe, expect, it } from "vitest";
import { commonRuns, outside, type Run, withoutItems } from "../../src/ruleset/runs.ts";
import { Random } from "../support/random.ts";

const LENGTH = 200;
const ROUNDS = 300;

describe("common runs", () => {
  it.each<[string, string, string, readonly Run[]]>([
    ["of equal lists are one", "abc", "abc", [{ from: 0, to: 3, at: 0 }]],
    ["of empty lists are none", "", "", []],
    ["of different lists are none", "abc", "xyz", []],
    ["leave out what is replaced", "abcde", "abXde", [{ from: 0, to: 2, at: 0 }, { from: 3, to: 5, at: 3 }]], // biome-ignore format: a row
    ["move what stands behind something new", "abc", "aXbc", [{ from: 0, to: 1, at: 0 }, { from: 1, to: 3, at: 2 }]], // biome-ignore format: a row
    ["move what stands behind something gone", "abcd", "acd", [{ from: 0, to: 1, at: 0 }, { from: 2, to: 4, at: 1 }]], // biome-ignore format: a row
    ["do not share an item between both ends", "aa", "aaa", [{ from: 0, to: 2, at: 1 }]],
  ])("%s", (_, before, after, runs) => {
    expect(commonRuns([...before], [...after])).toEqual(runs);
  });

  it.each([1, 2, 3])("and what is outside make up both lists, in order (seed %i)", (seed) => {
    const random = new Random(seed);
    let next = 0;
    let before = Array.from({ length: LENGTH }, () => next++);
    for (let round = 0; round < ROUNDS; round++) {
      const after = [...before];
      for (let change = random.below(6); change > 0; change--) {
        const place = random.below(after.length + 1);
        after.splice(place, random.below(3), ...Array.from({ length: random.below(3) }, () => next++));
      }
      const runs = commonRuns(before, after);
      expectToBeComplete(before, after, runs);
      const left = before.flatMap((_, index) => (random.below(10) === 0 ? [index] : []));
      const fewer = withoutItems(runs, left);
      expectToBeComplete(before, after, fewer);
      expect(outside(before.length, fewer, "before")).toEqual(
        [...new Set([...left, ...outside(before.length, runs, "before")])].sort((a, b) => a - b),
      );
      before = after;
    }
  });
});

function expectToBeComplete(before: readonly number[], after: readonly number[], runs: readonly Run[]): void {
  const built = outside(after.length, runs, "after").map((index) => [index, after[index]!] as const);
  for (const { from, to, at } of runs) {
    expect(to).toBeGreaterThan(from);
    for (let i = from; i < to; i++) built.push([at + i - from, before[i]!]);
  }
  expect(built.sort(([a], [b]) => a - b).map(([, item]) => item)).toEqual(after);
  const positions = runs.flatMap(({ from, to }) => [from, to]);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
}
