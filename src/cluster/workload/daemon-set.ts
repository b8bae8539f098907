/** The DaemonSet controller: a pod on every node that the template may run on. */

import type { V1DaemonSet, V1Node, V1Pod } from "../../manifest/kubernetes.ts";
import type { Located } from "../../manifest/types.ts";
import { nameOf, namespaceOf } from "../metadata.ts";
import { obstacle } from "../placement/obstacle.ts";
import { generatedName } from "../seeded.ts";
import { type OwnedPods, ownerKey } from "./owned.ts";
import { podFrom, templateHash } from "./template.ts";

/** What a daemon puts up with, besides what its template says (pkg/controller/daemon/util.AddOrUpdateDaemonPodTolerations). */
const TOLERATED = ["disk-pressure", "memory-pressure", "not-ready", "pid-pressure", "unreachable", "unschedulable"];

export function daemonSetPods(
  daemonSet: Located<V1DaemonSet>,
  nodes: readonly Located<V1Node>[],
  pods: readonly Located<V1Pod>[],
  owned: OwnedPods,
  seed: number,
): Located<V1Pod>[] {
  const { metadata, spec } = daemonSet.object;
  const namespace = namespaceOf(metadata);
  const owner = { kind: "DaemonSet", name: nameOf(metadata), ...(metadata?.uid ? { uid: metadata.uid } : {}) };
  const key = `DaemonSet ${namespace}/${owner.name}`;
  const existing = pods.filter(({ object }) => ownerKey(object.metadata) === key);
  const served = new Set(existing.map(({ object }) => object.spec?.nodeName));
  const tolerations = TOLERATED.map((taint) => ({ key: `node.kubernetes.io/${taint}`, operator: "Exists" }));
  const podSpec = {
    ...spec.template.spec,
    containers: spec.template.spec?.containers ?? [],
    tolerations: [...(spec.template.spec?.tolerations ?? []), ...tolerations],
  };
  const labels = { "controller-revision-hash": templateHash(spec.template), "pod-template-generation": "1" };
  return nodes.flatMap(({ object: node }) => {
    const nodeName = nameOf(node.metadata);
    if (served.has(nodeName) || obstacle(podSpec, node) !== undefined) return [];
    const isTaken = (name: string) => owned.has(namespace, name);
    const name = generatedName(`${owner.name}-`, seed, `${key}/${nodeName}`, isTaken);
    const pod = podFrom(daemonSet, { name, labels, owner, nodeName });
    owned.add(pod.object);
    return [pod];
  });
}
