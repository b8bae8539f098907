/** Numbers with a bound (ValidateNonnegativeField). */

import type { Segment } from "../position.ts";
import { invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";

/** What is not given is not judged. */
export function checkNotNegative(value: number | null | undefined, path: readonly Segment[], report: Report): void {
  if ((value ?? 0) >= 0) return;
  report({ path, message: invalidValue(value, "must be greater than or equal to 0") });
}
