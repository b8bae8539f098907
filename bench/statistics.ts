/** What a benchmark says of its rounds: the figure in the middle, and how far the others are from it. */

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Half of the rounds lie within a range of so many percent of the median. */
  readonly spread: number;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!;
  const median = at(0.5);
  return { median, least: sorted[0]!, most: sorted.at(-1)!, spread: ((at(0.75) - at(0.25)) / median) * 100 };
}
