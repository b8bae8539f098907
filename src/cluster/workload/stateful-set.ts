/** The StatefulSet controller: pods with numbers, each known to DNS by its own name. */

import type { V1Pod, V1StatefulSet } from "../../manifest/kubernetes.ts";
import type { Located } from "../../manifest/types.ts";
import { nameOf, namespaceOf } from "../metadata.ts";
import type { OwnedPods } from "./owned.ts";
import { podFrom, replicasOf, templateHash } from "./template.ts";

export function statefulSetPods(statefulSet: Located<V1StatefulSet>, owned: OwnedPods): Located<V1Pod>[] {
  const { metadata, spec } = statefulSet.object;
  const set = nameOf(metadata);
  const first = spec.ordinals?.start ?? 0;
  const revision = `${set}-${templateHash(spec.template)}`;
  return Array.from({ length: replicasOf(statefulSet.object) }, (_, index) => first + index).flatMap((ordinal) => {
    const name = `${set}-${ordinal}`;
    if (owned.has(namespaceOf(metadata), name)) return [];
    return [
      podFrom(statefulSet, {
        name,
        labels: {
          "apps.kubernetes.io/pod-index": `${ordinal}`,
          "controller-revision-hash": revision,
          "statefulset.kubernetes.io/pod-name": name,
        },
        owner: { kind: "StatefulSet", name: set, ...(metadata?.uid ? { uid: metadata.uid } : {}) },
        hostname: name,
        ...(spec.serviceName ? { subdomain: spec.serviceName } : {}),
      }),
    ];
  });
}
