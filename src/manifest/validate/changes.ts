/** What an object says otherwise than its former self. */

import type { Segment } from "../position.ts";
import { isMapping } from "./fields.ts";

/**
 * The innermost paths that differ. `isMerged`: what `after` leaves out stays as it was, as `kubectl apply` merges a manifest
 * into what the API server has stored and filled in. Nothing, null, "", false and empty collections are one and the same.
 */
export function changedPaths(
  after: unknown,
  before: unknown,
  isMerged: boolean,
  path: readonly Segment[] = [],
): (readonly Segment[])[] {
  if (isEmpty(after) && (isMerged || isEmpty(before))) return [];
  if (isMapping(after) && isMapping(before)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => changedPaths(after[key], before[key], isMerged, [...path, key]));
  }
  if (Array.isArray(after) && Array.isArray(before) && after.length === before.length) {
    return after.flatMap((item, index) => changedPaths(item, before[index], isMerged, [...path, index]));
  }
  return canonical(after) === canonical(before) ? [] : [path];
}

/** The same text for the same value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isMapping(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMapping(value) && Object.values(value).every(isEmpty);
}
