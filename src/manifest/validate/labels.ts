/** Labels, and selectors made of them (apimachinery's ValidateLabels). */

import type { Segment } from "../position.ts";
import { invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { labelValueFaults, qualifiedNameFaults } from "./names.ts";

/** Every key is a qualified name, every value a label's value. The path is the map's, the place the entry's. */
export function checkLabels(
  labels: Readonly<Record<string, string | null>> | null | undefined,
  path: readonly Segment[],
  report: Report,
): void {
  for (const key in labels) {
    const value = labels[key] ?? "";
    for (const reason of qualifiedNameFaults(key))
      report({ path, at: [...path, key], message: invalidValue(key, reason) });
    for (const reason of labelValueFaults(value))
      report({ path, at: [...path, key], message: invalidValue(value, reason) });
  }
}
