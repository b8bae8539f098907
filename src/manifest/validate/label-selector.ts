/** meta/v1 LabelSelector (apimachinery's ValidateLabelSelector). */

import type { LabelSelector } from "../label-selector.ts";
import type { Segment } from "../position.ts";
import { forbidden, invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkLabels } from "./labels.ts";
import { labelValueFaults, qualifiedNameFaults } from "./names.ts";

/** Says whether the selector can be evaluated. */
export function checkLabelSelector(selector: LabelSelector, path: readonly Segment[], report: Report): boolean {
  let isSelector = true;
  checkLabels(selector.matchLabels, [...path, "matchLabels"], report);
  for (const [index, { key, operator, values }] of (selector.matchExpressions ?? []).entries()) {
    const at = [...path, "matchExpressions", index];
    const given = values ?? [];
    const name = key || "";
    if (operator === "In" || operator === "NotIn") {
      const reason = "must be specified when `operator` is 'In' or 'NotIn'";
      if (given.length === 0) report({ path: [...at, "values"], message: requiredValue(reason) });
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      const reason = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (given.length > 0) report({ path: [...at, "values"], message: forbidden(reason) });
    } else {
      isSelector = false;
      report({ path: [...at, "operator"], message: invalidValue(operator || "", "not a valid selector operator") });
    }
    for (const reason of qualifiedNameFaults(name)) {
      report({ path: [...at, "key"], message: invalidValue(name, reason) });
    }
    for (const [position, value] of given.entries()) {
      for (const reason of labelValueFaults(value)) {
        report({ path: [...at, "values", position], message: invalidValue(value, reason) });
      }
    }
  }
  return isSelector;
}
