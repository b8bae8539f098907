/** What the schema of a workload cannot say: it makes pods that it selects, and that are pods (ValidateDeploymentSpec and the like). */

import type { Workload } from "../kubernetes.ts";
import { selects } from "../label-selector.ts";
import { forbidden, invalidValue, unsupportedValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkLabelSelector } from "./label-selector.ts";
import { checkLabels } from "./labels.ts";
import { checkNotNegative } from "./numbers.ts";
import { checkPodSpec } from "./pod.ts";
import { checkDaemonSetStrategy, checkDeploymentStrategy, checkStatefulSetStrategy, type Rollout } from "./rollout.ts";

/** Everything that one kind or the other has. */
type Spec = Partial<Workload["spec"]> & {
  readonly minReadySeconds?: number | null;
  readonly revisionHistoryLimit?: number | null;
  readonly progressDeadlineSeconds?: number | null;
  readonly ordinals?: { readonly start?: number | null } | null;
  readonly podManagementPolicy?: string | null;
  readonly strategy?: Rollout | null;
  readonly updateStrategy?: Rollout | null;
};

const SELECTOR = ["spec", "selector"];
const TEMPLATE = ["spec", "template"];
const PROGRESS_DEADLINE_SECONDS = 600;

/** Valid only for an object whose fields are of their types. */
export function checkWorkload(workload: object, report: Report): void {
  const { kind = "", spec } = workload as { kind?: string; spec?: Spec | null };
  if (!spec) return;
  checkNotNegative(spec.replicas, ["spec", "replicas"], report);
  checkNotNegative(spec.minReadySeconds, ["spec", "minReadySeconds"], report);
  if (spec.selector && spec.template) checkSelector(kind, spec.selector, spec.template, report);
  if (spec.template) checkTemplate(kind, spec.template, report);
  OF_KIND[kind]?.(spec, report);
}

const OF_KIND: Readonly<Record<string, (spec: Spec, report: Report) => void>> = {
  Deployment: checkDeployment,
  DaemonSet: checkDaemonSet,
  StatefulSet: checkStatefulSet,
};

function checkDeployment(spec: Spec, report: Report): void {
  checkNotNegative(spec.revisionHistoryLimit, ["spec", "revisionHistoryLimit"], report);
  checkDeploymentStrategy(spec.strategy ?? {}, report);
  const path = ["spec", "progressDeadlineSeconds"];
  const seconds = spec.progressDeadlineSeconds ?? PROGRESS_DEADLINE_SECONDS;
  checkNotNegative(seconds, path, report);
  if (seconds > (spec.minReadySeconds ?? 0)) return;
  report({ path, message: invalidValue(seconds, "must be greater than minReadySeconds") });
}

function checkDaemonSet(spec: Spec, report: Report): void {
  checkNotNegative(spec.revisionHistoryLimit, ["spec", "revisionHistoryLimit"], report);
  checkDaemonSetStrategy(spec.updateStrategy ?? {}, report);
}

function checkStatefulSet(spec: Spec, report: Report): void {
  const policy = spec.podManagementPolicy || "OrderedReady";
  if (policy !== "OrderedReady" && policy !== "Parallel") {
    const message = invalidValue(policy, "must be 'OrderedReady' or 'Parallel'");
    report({ path: ["spec", "podManagementPolicy"], message });
  }
  checkStatefulSetStrategy(spec.updateStrategy ?? {}, report);
  checkNotNegative(spec.ordinals?.start, ["spec", "ordinals", "start"], report);
}

function checkSelector(
  kind: string,
  selector: Workload["spec"]["selector"],
  template: Workload["spec"]["template"],
  report: Report,
): void {
  const isSelector = checkLabelSelector(selector as Parameters<typeof checkLabelSelector>[0], SELECTOR, report);
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0) {
    // A ReplicaSet's message also says "deployment".
    const noun = kind === "ReplicaSet" ? "deployment" : kind.toLowerCase();
    report({ path: SELECTOR, message: invalidValue(selector, `empty selector is invalid for ${noun}`) });
    return;
  }
  if (!isSelector) {
    const reason = kind === "StatefulSet" ? "" : "invalid label selector";
    if (kind !== "DaemonSet") report({ path: SELECTOR, message: invalidValue(selector, reason) });
    return;
  }
  const labels = template.metadata?.labels ?? {};
  if (selects(selector, labels)) return;
  const message = invalidValue(labels, "`selector` does not match template `labels`");
  report({ path: [...TEMPLATE, "metadata", "labels"], message });
}

/** The API server's path to the labels leaves `metadata` out. Of a StatefulSet's pods it judges nothing; sluice reads them. */
function checkTemplate(kind: string, { metadata, spec }: Workload["spec"]["template"], report: Report): void {
  checkLabels(metadata?.labels, [...TEMPLATE, "labels"], (finding) => {
    report({ ...finding, at: [...TEMPLATE, "metadata", ...(finding.at ?? finding.path).slice(TEMPLATE.length)] });
  });
  if (!spec) return;
  checkPodSpec(spec, [...TEMPLATE, "spec"], report);
  const policy: unknown = spec.restartPolicy;
  if (typeof policy === "string" && policy !== "" && policy !== "Always") {
    report({ path: [...TEMPLATE, "spec", "restartPolicy"], message: unsupportedValue(policy, ["Always"]) });
  }
  if ((spec.activeDeadlineSeconds ?? undefined) === undefined) return;
  const noun = kind === "Deployment" ? "ReplicaSet" : kind;
  const message = forbidden(`activeDeadlineSeconds in ${noun} is not Supported`);
  report({ path: [...TEMPLATE, "spec", "activeDeadlineSeconds"], message });
}
