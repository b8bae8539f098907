/** Pearson's test: whether counted outcomes may come from a distribution. */

/** How often each outcome is expected, as a share of all draws. */
export type Distribution = ReadonlyMap<string, number>;

export interface Fit {
  /** Pearson's statistic, and the largest one that chance explains. */
  readonly statistic: number;
  readonly limit: number;
  /** Outcomes that the distribution does not have. */
  readonly impossible: readonly string[];
}

/** A generator that is right is called wrong once in five million tests. */
export const SIGNIFICANCE = 2e-7;
/** The standard normal distribution's quantile of 1 - SIGNIFICANCE. */
const QUANTILE = 5.069;
/** Below so many expected draws of an outcome the statistic does not have the distribution that the limit is of. */
const EXPECTED_MIN = 20;

export function fit(outcomes: readonly string[], distribution: Distribution): Fit {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  let statistic = 0;
  for (const [outcome, share] of distribution) {
    const expected = share * outcomes.length;
    if (expected < EXPECTED_MIN) throw new Error(`${outcomes.length} draws are too few: ${expected} of ${outcome}`);
    statistic += ((counts.get(outcome) ?? 0) - expected) ** 2 / expected;
  }
  const impossible = [...counts.keys()].filter((outcome) => !distribution.has(outcome));
  return { statistic, limit: limitOf(distribution.size - 1), impossible };
}

/** The quantile of the chi-square distribution, as Wilson and Hilferty approximate it (1931). No freedom: nothing may differ. */
function limitOf(degreesOfFreedom: number): number {
  if (degreesOfFreedom === 0) return 0;
  const variance = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - variance + QUANTILE * Math.sqrt(variance)) ** 3;
}
