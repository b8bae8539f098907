/** What constants are. */

import type { Literal } from "./types.ts";

/** More than one value. */
export function isInterval(literal: Literal): boolean {
  return literal.kind === "prefix" || literal.kind === "number prefix" || literal.kind === "range";
}
