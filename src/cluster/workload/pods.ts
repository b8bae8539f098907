/** The pods that the workloads' controllers make, beside those that the manifests have. */

import type { V1Node, V1Pod } from "../../manifest/kubernetes.ts";
import type { Located, Manifests } from "../../manifest/types.ts";
import { daemonSetPods } from "./daemon-set.ts";
import { OwnedPods } from "./owned.ts";
import { deploymentPods, replicaSetPods } from "./replica-set.ts";
import { statefulSetPods } from "./stateful-set.ts";

export function workloadPods(manifests: Manifests, nodes: readonly Located<V1Node>[], seed: number): Located<V1Pod>[] {
  if (!hasWorkloads(manifests)) return [];
  const { pods, deployments, replicaSets, statefulSets, daemonSets } = manifests;
  const owned = new OwnedPods(pods);
  return [
    ...deployments.flatMap((deployment) => deploymentPods(deployment, owned, replicaSets, seed)),
    ...replicaSets.flatMap((replicaSet) => replicaSetPods(replicaSet, owned, pods, seed)),
    ...statefulSets.flatMap((statefulSet) => statefulSetPods(statefulSet, owned)),
    ...daemonSets.flatMap((daemonSet) => daemonSetPods(daemonSet, nodes, pods, owned, seed)),
  ];
}

export function hasWorkloads({ deployments, replicaSets, statefulSets, daemonSets }: Manifests): boolean {
  return deployments.length + replicaSets.length + statefulSets.length + daemonSets.length > 0;
}
