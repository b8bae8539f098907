/** From an offset of an image back to what the ruleset calls it. */

import type { PlacedRule } from "./chain-section.ts";
import type { CompiledTable } from "./chains.ts";
import type { ChainPlace, ProgramPlaces, RulePlace, RuleRange, SetPlace } from "./types.ts";
import type { ImageWriter } from "./writer.ts";

/** A table, and where its chains begin in the image. */
export interface PlacedTable extends CompiledTable {
  readonly start: number;
}

/** Sets are looked for when one is first asked for. */
export function placesOf(writer: ImageWriter, tables: readonly PlacedTable[]): ProgramPlaces {
  let sets: ReadonlyMap<number, SetPlace> | undefined;
  const known = new Map<number, RulePlace>();
  return {
    ruleAt: (offset) => {
      const found = ruleRangeAt(tables, offset);
      if (found === undefined) return undefined;
      const place = known.get(found.begin) ?? found.place;
      known.set(found.begin, place);
      return place;
    },
    rules: () => ruleRanges(tables),
    chainAt: (offset) => chainAt(tables, offset),
    setAt: (offset) => {
      sets ??= placeSets(writer, tables);
      return sets.get(offset);
    },
  };
}

function ruleRangeAt(tables: readonly PlacedTable[], offset: number): RuleRange | undefined {
  for (const table of tables) {
    const rule = offset < table.start ? undefined : table.section.ruleAt(offset - table.start);
    if (rule !== undefined) return rangeOf(table, rule);
  }
  return undefined;
}

function* ruleRanges(tables: readonly PlacedTable[]): Iterable<RuleRange> {
  for (const table of tables) for (const rule of table.section.rules()) yield rangeOf(table, rule);
}

function rangeOf(table: PlacedTable, { chain, rule: index, begin, end }: PlacedRule): RuleRange {
  const origin = table.table.chains[chain]?.rules[index]?.origin;
  const place = { ...chainPlace(table, chain), index, ...(origin === undefined ? {} : { origin }) };
  return { place, begin: table.start + begin, end: table.start + end };
}

function chainAt(tables: readonly PlacedTable[], offset: number): ChainPlace | undefined {
  for (const table of tables) {
    const position = offset < table.start ? undefined : table.section.chainAt(offset - table.start);
    if (position !== undefined) return chainPlace(table, position);
  }
  return undefined;
}

function chainPlace({ table: { family, name: table, chains } }: PlacedTable, position: number): ChainPlace {
  return { family, table, chain: chains[position]!.name };
}

function placeSets(writer: ImageWriter, tables: readonly PlacedTable[]): ReadonlyMap<number, SetPlace> {
  return new Map(
    tables.flatMap(({ table: { family, name: table }, sets }) =>
      [...sets].map(([set, { label }]) => [writer.offsetOf(label), { family, table, set }] as const),
    ),
  );
}
