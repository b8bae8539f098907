/** A pod from a workload's template: named, labelled, owned, and placed in the file where the template stands. */

import type { V1Pod, Workload } from "../../manifest/kubernetes.ts";
import type { Located } from "../../manifest/types.ts";
import { namespaceOf } from "../metadata.ts";
import { safeEncoded, seededHash, seededUid } from "../seeded.ts";
import { withObject } from "../with-object.ts";

/** As many pods as Kubernetes supports in a cluster: what a workload wants beyond would find no node. */
const REPLICAS_MAX = 150_000;

type Template = Workload["spec"]["template"];

export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
}

/** What a controller adds to the template. */
export interface PodIdentity {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: Owner;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly nodeName?: string;
}

export function podFrom(workload: Located<Workload>, identity: PodIdentity): Located<V1Pod> {
  const { metadata, spec } = workload.object.spec.template;
  const { name, labels, owner, ...own } = identity;
  const namespace = namespaceOf(workload.object.metadata);
  const uid = owner.uid ?? seededUid(0, `${owner.kind} ${namespace}/${owner.name}`);
  const ownerReference = { apiVersion: "apps/v1", kind: owner.kind, name: owner.name, uid, controller: true };
  const pod: V1Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: { ...metadata?.labels, ...labels },
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [ownerReference],
    },
    spec: { ...spec, containers: spec?.containers ?? [], ...own },
  };
  return withObject(workload, pod, "spec.template.");
}

/** One unless the workload says otherwise. */
export function replicasOf({ spec }: Workload): number {
  return Math.min(spec.replicas ?? 1, REPLICAS_MAX);
}

/** The label pod-template-hash, in Kubernetes' form; its value is another one (which hashes Go's own printing of the template). */
export function templateHash(template: Template): string {
  return safeEncoded(seededHash(0, JSON.stringify(template)));
}
