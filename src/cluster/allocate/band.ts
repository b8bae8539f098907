/**
 * The order in which the API server's allocators look for a free value (KEP-3070, KEP-3668): what is asked for by name is
 * likely to be low, so that dynamic values come from the upper band first, from a random place on, and from the lower one last.
 */

export interface Band {
  /** Values are offsets from 0 to size - 1. */
  readonly size: number;
  /** Where the upper band starts. */
  readonly dynamicFrom: number;
}

/** min(max(low, size / step), high); a range no larger than `low` has no bands. */
export function bandOf(size: number, { low, step, high }: { low: number; step: number; high: number }): Band {
  const reserved = size <= low ? 0 : Math.min(Math.max(low, Math.floor(size / step)), high);
  return { size, dynamicFrom: reserved };
}

/** `random` chooses where the search starts. undefined: all values are taken. */
export function nextFree(
  { size, dynamicFrom }: Band,
  random: number,
  isFree: (offset: number) => boolean,
): number | undefined {
  const dynamic = size - dynamicFrom;
  const start = dynamic > 0 ? random % dynamic : 0;
  for (let step = 0; step < dynamic; step++) {
    const offset = dynamicFrom + ((start + step) % dynamic);
    if (isFree(offset)) return offset;
  }
  for (let offset = 0; offset < Math.min(dynamicFrom, size); offset++) if (isFree(offset)) return offset;
  return undefined;
}
