/** From an offset of an image back to what the ruleset calls it. */

import type { Ruleset } from "../ruleset/types.ts";
import type { Compilation } from "./chains.ts";
import type { ChainPlace, ProgramPlaces, RulePlace, RuleRange, SetPlace } from "./types.ts";
import type { Label } from "./writer.ts";

/** `chains`: the labels of each table's chains, as compileTable() returns them. Chains and sets are looked for when first asked. */
export function placesOf(
  compilation: Compilation,
  ruleset: Ruleset,
  chains: readonly ReadonlyMap<string, Label>[],
): ProgramPlaces {
  let chainList: readonly Placed<ChainPlace>[] | undefined;
  let sets: ReadonlyMap<number, SetPlace> | undefined;
  return {
    ruleAt: (offset) => ruleAt(compilation, offset),
    rules: () => ruleRanges(compilation),
    chainAt: (offset) => {
      chainList ??= placeChains(compilation, ruleset, chains);
      return chainList[lastStart(chainList.length, (index) => chainList?.[index]?.offset ?? 0, offset)]?.place;
    },
    setAt: (offset) => {
      sets ??= placeSets(compilation);
      return sets.get(offset);
    },
  };
}

interface Placed<T> {
  readonly offset: number;
  readonly place: T;
}

/** The last rule that starts at the offset or before it. */
function ruleAt({ ruleStarts, rulePlaces }: Compilation, offset: number): RulePlace | undefined {
  return rulePlaces[lastStart(ruleStarts.length, (index) => ruleStarts[index] ?? 0, offset)];
}

/** A rule ends where the next one starts; behind the last of a chain stands the chain's end. */
function* ruleRanges({ ruleStarts, rulePlaces }: Compilation): Iterable<RuleRange> {
  for (const [index, place] of rulePlaces.entries()) {
    const [begin, end] = [ruleStarts[index], ruleStarts[index + 1]];
    if (place !== undefined && begin !== undefined && end !== undefined) yield { place, begin, end };
  }
}

function placeChains(
  { writer }: Compilation,
  { tables }: Ruleset,
  chains: readonly ReadonlyMap<string, Label>[],
): readonly Placed<ChainPlace>[] {
  return tables
    .flatMap(({ family, name: table }, index) =>
      [...(chains[index] ?? [])].map(([chain, label]) => ({
        offset: writer.offsetOf(label),
        place: { family, table, chain },
      })),
    )
    .sort((a, b) => a.offset - b.offset);
}

function placeSets({ writer, sets }: Compilation): ReadonlyMap<number, SetPlace> {
  return new Map(sets.map(({ label, ...place }) => [writer.offsetOf(label), place]));
}

/** The last of ascending starts that is not behind the offset; −1: none. */
function lastStart(count: number, startOf: (index: number) => number, offset: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(middle) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
