/** What the schema of a workload cannot say: it makes pods that it selects, and that are pods (ValidateDeploymentSpec and the like). */

import type { Workload } from "../kubernetes.ts";
import { selects } from "../label-selector.ts";
import { invalidValue, unsupportedValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkLabels } from "./labels.ts";
import { checkPodSpec } from "./pod.ts";

type Spec = Workload["spec"];

const TEMPLATE = ["spec", "template"];

/** Valid only for an object whose fields are of their types. */
export function checkWorkload(workload: object, report: Report): void {
  const { kind, spec } = workload as { kind?: string; spec?: Partial<Spec> | null };
  if (!spec) return;
  const replicas = spec.replicas ?? 0;
  if (replicas < 0) {
    const message = invalidValue(replicas, "must be greater than or equal to 0");
    report({ path: ["spec", "replicas"], message });
  }
  if (spec.selector && spec.template) checkSelector(kind ?? "", spec.selector, spec.template, report);
  if (spec.template) checkTemplate(spec.template, report);
}

function checkSelector(kind: string, selector: Spec["selector"], template: Spec["template"], report: Report): void {
  const { matchLabels, matchExpressions } = selector;
  if (Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0) {
    // A ReplicaSet's message also says "deployment".
    const noun = kind === "ReplicaSet" ? "deployment" : kind.toLowerCase();
    report({ path: ["spec", "selector"], message: invalidValue(selector, `empty selector is invalid for ${noun}`) });
    return;
  }
  checkLabels(matchLabels, ["spec", "selector", "matchLabels"], report);
  const labels = template.metadata?.labels ?? {};
  if (selects(selector, labels)) return;
  const message = invalidValue(labels, "`selector` does not match template `labels`");
  report({ path: [...TEMPLATE, "metadata", "labels"], message });
}

function checkTemplate({ metadata, spec }: Spec["template"], report: Report): void {
  checkLabels(metadata?.labels, [...TEMPLATE, "metadata", "labels"], report);
  if (!spec) return;
  checkPodSpec(spec, [...TEMPLATE, "spec"], report);
  const policy: unknown = spec.restartPolicy;
  if (typeof policy !== "string" || policy === "" || policy === "Always") return;
  report({ path: [...TEMPLATE, "spec", "restartPolicy"], message: unsupportedValue(policy, ["Always"]) });
}
