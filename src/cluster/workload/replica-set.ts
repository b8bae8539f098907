/** The ReplicaSet controller: as many pods as replicas, and a Deployment's one ReplicaSet. */

import type { V1Deployment, V1Pod, Workload } from "../../manifest/kubernetes.ts";
import { selects } from "../../manifest/label-selector.ts";
import type { Located, Manifests } from "../../manifest/types.ts";
import { nameOf, namespaceOf } from "../metadata.ts";
import { generatedName } from "../seeded.ts";
import { type OwnedPods, ownerKey } from "./owned.ts";
import { type Owner, podFrom, replicasOf, templateHash } from "./template.ts";

const HASH_LABEL = "pod-template-hash";

/** Pods without a controller that the selector finds are adopted. */
export function replicaSetPods(
  replicaSet: Located<Workload>,
  owned: OwnedPods,
  orphans: Manifests["pods"],
  seed: number,
): Located<V1Pod>[] {
  const { metadata, spec } = replicaSet.object;
  const namespace = namespaceOf(metadata);
  const adopted = orphans.filter(
    ({ object }) =>
      namespaceOf(object.metadata) === namespace &&
      ownerKey(object.metadata) === undefined &&
      selects(spec.selector, object.metadata?.labels ?? {}),
  );
  const owner = { kind: "ReplicaSet", name: nameOf(metadata), ...(metadata?.uid ? { uid: metadata.uid } : {}) };
  const existing = adopted.length + owned.count(owner.kind, namespace, owner.name);
  return replicas(replicaSet, owner, {}, existing, owned, seed);
}

/** A Deployment whose ReplicaSets stand in the manifests leaves the pods to them. */
export function deploymentPods(
  deployment: Located<V1Deployment>,
  owned: OwnedPods,
  replicaSets: Manifests["replicaSets"],
  seed: number,
): Located<V1Pod>[] {
  const { metadata, spec } = deployment.object;
  const namespace = namespaceOf(metadata);
  const key = `Deployment ${namespace}/${nameOf(metadata)}`;
  if (replicaSets.some(({ object }) => ownerKey(object.metadata) === key)) return [];
  const hash = templateHash(spec.template);
  const owner = { kind: "ReplicaSet", name: `${nameOf(metadata)}-${hash}` };
  const existing = owned.countOfDeployment(namespace, nameOf(metadata));
  return replicas(deployment, owner, { [HASH_LABEL]: hash }, existing, owned, seed);
}

function replicas(
  workload: Located<Workload>,
  owner: Owner,
  labels: Readonly<Record<string, string>>,
  existing: number,
  owned: OwnedPods,
  seed: number,
): Located<V1Pod>[] {
  const namespace = namespaceOf(workload.object.metadata);
  const missing = Math.max(0, replicasOf(workload.object) - existing);
  return Array.from({ length: missing }, (_, index) => {
    const isTaken = (name: string) => owned.has(namespace, name);
    const name = generatedName(`${owner.name}-`, seed, `${namespace}/${owner.name}/${index}`, isTaken);
    const pod = podFrom(workload, { name, labels, owner });
    owned.add(pod.object);
    return pod;
  });
}
