/** Figures of a benchmark: of its rounds, and of what ran in between so that machines and hours can be compared. */

import { type Summary, summarise } from "./statistics.ts";

export interface Figure {
  readonly name: string;
  readonly unit: "ns" | "ms" | "s" | "MiB";
  /** One a round. */
  readonly values: readonly number[];
  /** By name, rounds of references in the same sitting. */
  readonly references: Readonly<Record<string, readonly number[]>>;
}

/** A figure as the history keeps it, with its ratio to each reference, median to median. */
export interface Summarised extends Summary {
  readonly unit: Figure["unit"];
  readonly ratios: Readonly<Record<string, number>>;
}

export function summariseFigure({ unit, values, references }: Figure): Summarised {
  const summary = summarise(values);
  const ratios = Object.entries(references)
    .filter(([, rounds]) => rounds.length > 0)
    .map(([name, rounds]) => [name, summary.median / summarise(rounds).median]);
  return { unit, ...summary, ratios: Object.fromEntries(ratios) };
}

/** Median, spread and ends; below it a line for each reference. */
export function figureText(figure: Figure): string {
  const { unit, median, least, most, spread, ratios } = summariseFigure(figure);
  const [middle, low, high] = [median, least, most].map(digits);
  const first = `${figure.name.padEnd(64)} ${middle} ${unit} ± ${spread.toFixed(0)} % (${low} … ${high})`;
  const others = Object.entries(figure.references).map(([name, rounds]) =>
    rounds.length === 0 ? `  ${name}: not here` : `  ${name}: ${referenceText(rounds, ratios[name]!)}`,
  );
  return [first, ...others].join("\n");
}

function referenceText(rounds: readonly number[], ratio: number): string {
  return `${digits(summarise(rounds).median)}; ratio ${ratio.toPrecision(3)}`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
