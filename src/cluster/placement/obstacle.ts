/** Why a node does not take a pod, in the scheduler's words: its labels, its taints, or that it is cordoned. */

import type { V1Node, V1Pod } from "../../manifest/kubernetes.ts";

type PodSpec = NonNullable<V1Pod["spec"]>;
type Taint = NonNullable<NonNullable<V1Node["spec"]>["taints"]>[number];
type Toleration = NonNullable<PodSpec["tolerations"]>[number];

const UNSCHEDULABLE: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** undefined: the pod may run there. */
export function obstacle({ nodeSelector, tolerations }: PodSpec, { metadata, spec }: V1Node): string | undefined {
  const tolerates = (taint: Taint) => (tolerations ?? []).some((toleration) => isTolerated(taint, toleration));
  if (spec?.unschedulable === true && !tolerates(UNSCHEDULABLE)) return "node(s) were unschedulable";
  const repelling = (spec?.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
  const taint = repelling.find((candidate) => !tolerates(candidate));
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  const labels = metadata?.labels ?? {};
  const fits = Object.entries(nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  return fits ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

/** Without an effect all are meant, without a key every taint (core/v1 Toleration.ToleratesTaint). */
function isTolerated(taint: Taint, { key, operator, value, effect }: Toleration): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return Boolean(key) && (operator || "Equal") === "Equal" && (value ?? "") === (taint.value ?? "");
}
