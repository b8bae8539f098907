/** Finds pods by selector without looking at all of them for every Service. */

import type { V1Pod } from "../manifest/kubernetes.ts";
import { namespaceOf } from "./metadata.ts";

type Selector = Readonly<Record<string, string>>;

export class PodIndex {
  /** Pods by namespace and one label. */
  readonly #byLabel = new Map<string, V1Pod[]>();

  constructor(pods: readonly V1Pod[]) {
    for (const pod of pods) {
      for (const [key, value] of Object.entries(pod.metadata?.labels ?? {}))
        this.#add(namespaceOf(pod.metadata), key, value, pod);
    }
  }

  /** The pods that have all labels of the selector, in the order of the manifests. The selector is not empty. */
  select(namespace: string, selector: Selector): readonly V1Pod[] {
    const labels = Object.entries(selector);
    const lists = labels.map(([key, value]) => this.#byLabel.get(labelKey(namespace, key, value)) ?? []);
    const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best), lists[0] ?? []);
    return shortest.filter((pod) => labels.every(([key, value]) => pod.metadata?.labels?.[key] === value));
  }

  #add(namespace: string, key: string, value: string, pod: V1Pod): void {
    const label = labelKey(namespace, key, value);
    const pods = this.#byLabel.get(label);
    if (pods === undefined) this.#byLabel.set(label, [pod]);
    else pods.push(pod);
  }
}

/** Neither names nor labels hold a "\n". */
function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}\n${value}`;
}
