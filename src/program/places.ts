/** From an offset of an image back to what the ruleset calls it. */

import type { PlacedRule } from "./chain-section.ts";
import type { Image } from "./image.ts";
import type { CompiledTable } from "./tables.ts";
import type { ChainPlace, ProgramPlaces, RulePlace, RuleRange, SetPlace } from "./types.ts";

/** Chains and sets are looked for when one is first asked for. */
export function placesOf(image: Image, tables: readonly CompiledTable[]): ProgramPlaces {
  let sets: ReadonlyMap<number, SetPlace> | undefined;
  let chains: readonly TableChains[] | undefined;
  const known = new Map<number, RulePlace>();
  const findChain = (offset: number): FoundChain | undefined => {
    chains ??= tables.map((table) => new TableChains(image, table));
    for (const each of chains) {
      const chain = each.chainAt(offset);
      if (chain !== undefined) return { table: each.table, chain };
    }
    return undefined;
  };
  return {
    ruleAt: (offset) => {
      const found = findChain(offset);
      const rule = found?.table.kept.section.ruleAt(image, found.chain, offset);
      if (found === undefined || rule === undefined) return undefined;
      const place = known.get(rule.begin) ?? rangeOf(found.table, rule).place;
      known.set(rule.begin, place);
      return place;
    },
    rules: () => ruleRanges(image, tables),
    chainAt: (offset) => {
      const found = findChain(offset);
      return found === undefined ? undefined : chainPlace(found.table, found.chain);
    },
    setAt: (offset) => {
      sets ??= placeSets(image, tables);
      return sets.get(offset);
    },
  };
}

interface FoundChain {
  readonly table: CompiledTable;
  /** Its position in the table. */
  readonly chain: number;
}

/** The chains of a table in the order of the image. */
class TableChains {
  readonly table: CompiledTable;
  readonly #image: Image;
  readonly #chains: Int32Array;

  constructor(image: Image, table: CompiledTable) {
    const { section } = table.kept;
    this.table = table;
    this.#image = image;
    this.#chains = Int32Array.from({ length: section.count }, (_, chain) => chain);
    this.#chains.sort((a, b) => this.#startOf(a) - this.#startOf(b));
  }

  /** The position of the chain in whose block the offset is. */
  chainAt(offset: number): number | undefined {
    let low = 0;
    let high = this.#chains.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#startOf(this.#chains[middle]!) <= offset) low = middle + 1;
      else high = middle;
    }
    const chain = this.#chains[low - 1];
    if (chain === undefined) return undefined;
    return offset < this.#image.endOf(this.table.kept.section.labelOf(chain)) ? chain : undefined;
  }

  #startOf(chain: number): number {
    return this.#image.offsetOf(this.table.kept.section.labelOf(chain));
  }
}

function* ruleRanges(image: Image, tables: readonly CompiledTable[]): Iterable<RuleRange> {
  for (const table of tables) for (const rule of table.kept.section.rules(image)) yield rangeOf(table, rule);
}

function rangeOf(table: CompiledTable, { chain, rule: index, begin, end }: PlacedRule): RuleRange {
  const origin = table.table.chains[chain]?.rules[index]?.origin;
  const place = { ...chainPlace(table, chain), index, ...(origin === undefined ? {} : { origin }) };
  return { place, begin, end };
}

function chainPlace({ table: { family, name: table, chains } }: CompiledTable, position: number): ChainPlace {
  return { family, table, chain: chains[position]!.name };
}

function placeSets(image: Image, tables: readonly CompiledTable[]): ReadonlyMap<number, SetPlace> {
  return new Map(
    tables.flatMap(({ table: { family, name: table }, sets }) =>
      [...sets].map(([set, { label }]) => [image.offsetOf(label), { family, table, set }] as const),
    ),
  );
}
