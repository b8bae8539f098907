/** Pods that the manifests have, by the workload that owns them: it makes no second ones. */

import type { ObjectMeta, V1Pod } from "../../manifest/kubernetes.ts";
import type { Manifests } from "../../manifest/types.ts";
import { nameOf, namespaceOf } from "../metadata.ts";

/** Phases of pods that count no more. */
const ENDED = ["Failed", "Succeeded"];
const HASH_LABEL = "pod-template-hash";

export class OwnedPods {
  /** How many pods a workload has. */
  readonly #counts = new Map<string, number>();
  /** How many pods, of any of its ReplicaSets, a Deployment has. */
  readonly #ofDeployments = new Map<string, number>();
  readonly #names = new Set<string>();

  constructor(pods: Manifests["pods"]) {
    for (const { object } of pods) {
      this.add(object);
      if (ENDED.includes(object.status?.phase ?? "")) continue;
      const owner = ownerKey(object.metadata);
      if (owner === undefined) continue;
      count(this.#counts, owner);
      const hash = `-${object.metadata?.labels?.[HASH_LABEL]}`;
      if (owner.endsWith(hash)) count(this.#ofDeployments, owner.slice(0, -hash.length));
    }
  }

  count(kind: string, namespace: string, name: string): number {
    return this.#counts.get(`${kind} ${namespace}/${name}`) ?? 0;
  }

  /** Pods tell it by their owner's name and their hash, whatever the template was when they were made. */
  countOfDeployment(namespace: string, name: string): number {
    return this.#ofDeployments.get(`ReplicaSet ${namespace}/${name}`) ?? 0;
  }

  has(namespace: string, name: string): boolean {
    return this.#names.has(`${namespace}/${name}`);
  }

  add({ metadata }: V1Pod): void {
    this.#names.add(`${namespaceOf(metadata)}/${nameOf(metadata)}`);
  }
}

/** `ReplicaSet default/web-5d8f`: the object's controller. */
export function ownerKey(metadata: ObjectMeta | undefined): string | undefined {
  const owner = (metadata?.ownerReferences ?? []).find(({ controller }) => controller === true);
  return owner && `${owner.kind} ${namespaceOf(metadata)}/${owner.name}`;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
