/** What a kind shows in a table: kubectl's columns without AGE, which manifests do not have. */

export interface Columns<T> {
  readonly headers: readonly string[];
  /** Columns that only `-o wide` shows. */
  readonly wide: readonly string[];
  /** A cell for each header, the wide ones last. */
  row(object: T, wide: boolean): string[];
}

export const NONE = "<none>";
export const UNSET = "<unset>";
export const UNKNOWN = "<unknown>";

/** `a,b,c + 2 more...`; `nothing` stands for an empty list. */
export function shortList(values: readonly string[], nothing: string, most = 3): string {
  if (values.length === 0) return nothing;
  const rest = values.length - most;
  const shown = values.slice(0, most).join(",");
  return rest > 0 ? `${shown} + ${rest} more...` : shown;
}

/** `app=web,tier=front`, as labels.FormatLabels sorts them. */
export function labelList(labels: Readonly<Record<string, string | null>> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value ?? ""}`);
  return pairs.length === 0 ? NONE : pairs.sort().join(",");
}
