/** What the schema of a workload cannot say: it makes pods that it selects (the API server's ValidateDeployment and the like). */

import type { Workload } from "../kubernetes.ts";
import { selects } from "../label-selector.ts";
import type { Report } from "./finding.ts";

/** Valid only for an object that fits its schema. */
export function checkWorkload({ spec }: Workload, report: Report): void {
  const replicas = spec.replicas ?? 0;
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    report({ path: ["spec", "replicas"], message });
  }
  const { matchLabels, matchExpressions } = spec.selector;
  if (Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0) {
    const message = "Invalid value: {}: empty selector is invalid for deployment";
    report({ path: ["spec", "selector"], message });
    return;
  }
  const labels = spec.template.metadata?.labels ?? {};
  if (selects(spec.selector, labels)) return;
  const message = `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
  report({ path: ["spec", "template", "metadata", "labels"], message });
}
