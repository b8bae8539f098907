/** Where things stand in a text: offsets by field, and offsets turned into lines and columns. Built only when asked for. */

import type { Excerpt, Place } from "./types.ts";

/** Where a value stands and, for a field, its key. Offsets count from the start of the text. */
export interface Spot {
  readonly key: number;
  readonly value: number;
  readonly fields?: ReadonlyMap<string, Spot>;
  readonly items?: readonly Spot[];
}

/** A key that a mapping holds twice. */
export interface DuplicateKey {
  readonly name: string;
  readonly offset: number;
}

export type Segment = string | number;

/** A text that can say where an offset is. */
export interface Source {
  readonly file: string;
  readonly text: string;
  placeAt(offset: number): Place;
}

/** Longer lines are cut in excerpts: a minified file is one line. */
const EXCERPT_CHARACTERS_MAX = 120;
const EXCERPT_CHARACTERS_BEFORE = 60;

export function createSource(file: string, text: string): Source {
  let lines: readonly number[] | undefined;
  return {
    file,
    text,
    placeAt(offset) {
      lines ??= lineStarts(text);
      const line = lineOf(lines, offset);
      const start = lines[line] ?? 0;
      return { file, line: line + 1, column: offset - start + 1, excerpt: excerptAt(text, start, offset) };
    },
  };
}

/**
 * The offset to show for a field: a plain value's own, a mapping's or list's key (its value may start lines below),
 * for a field that is not there its nearest parent's.
 */
export function offsetOf(root: Spot, path: readonly Segment[], wanted: "value" | "key" = "value"): number {
  let spot = root;
  for (const segment of path) {
    const child = typeof segment === "number" ? spot.items?.[segment] : spot.fields?.get(segment);
    if (child === undefined) return isPlain(spot) ? spot.value : spot.key;
    spot = child;
  }
  return wanted === "value" && isPlain(spot) ? spot.value : spot.key;
}

/** `spec.ports[0].port` → ["spec", "ports", 0, "port"]; `labels[a.b/c]` → ["labels", "a.b/c"]. */
export function parsePath(path: string): Segment[] {
  const segments: Segment[] = [];
  for (const match of path.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)) {
    const bracketed = match[1];
    if (bracketed === undefined) segments.push(match[0]);
    else segments.push(/^\d+$/.test(bracketed) ? Number(bracketed) : bracketed);
  }
  return segments;
}

/** The API server's way to write a path (field.Path). */
export function formatPath(path: readonly Segment[]): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[A-Za-z0-9_-]*$/.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${segment}]`;
  }
  return text;
}

function isPlain(spot: Spot): boolean {
  return spot.fields === undefined && spot.items === undefined;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that starts at or before the offset: binary search. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function excerptAt(text: string, lineStart: number, offset: number): Excerpt {
  const newline = text.indexOf("\n", lineStart);
  const lineEnd = newline < 0 ? text.length : newline;
  const cut = lineEnd - lineStart > EXCERPT_CHARACTERS_MAX;
  const from = cut ? Math.max(lineStart, offset - EXCERPT_CHARACTERS_BEFORE) : lineStart;
  const to = cut ? Math.min(lineEnd, from + EXCERPT_CHARACTERS_MAX) : lineEnd;
  return { text: text.slice(from, to).replace(/\r$/, ""), caret: offset - from };
}
