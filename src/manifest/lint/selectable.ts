/** What a Service's selector can find: pods, and the templates that pods will be made from. */

import type { V1Pod } from "../kubernetes.ts";
import type { Manifests } from "../types.ts";

export interface Selectable {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: V1Pod["spec"];
}

export function selectables(manifests: Manifests): Selectable[] {
  const { deployments, replicaSets, statefulSets, daemonSets } = manifests;
  const workloads = [...deployments, ...replicaSets, ...statefulSets, ...daemonSets];
  return [
    ...manifests.pods.map(({ object: { metadata, spec } }) => selectable(metadata?.namespace, metadata?.labels, spec)),
    ...workloads.map(({ object: { metadata, spec } }) =>
      selectable(metadata?.namespace, spec.template.metadata?.labels, spec.template.spec),
    ),
  ];
}

function selectable(
  namespace: string | undefined,
  labels: Readonly<Record<string, string>> | null | undefined,
  spec: V1Pod["spec"],
): Selectable {
  return { namespace: namespace ?? "", labels: labels ?? {}, spec };
}

/** Found by their labels, so that no selector looks at all of them. */
export class SelectableIndex {
  readonly isEmpty: boolean;
  readonly #byLabel = new Map<string, Selectable[]>();

  constructor(all: readonly Selectable[]) {
    this.isEmpty = all.length === 0;
    for (const one of all) {
      for (const [key, value] of Object.entries(one.labels)) this.#add(labelKey(one.namespace, key, value), one);
    }
  }

  /** Those that have all labels of a selector that is not empty. */
  select(namespace: string, selector: Readonly<Record<string, string>>): readonly Selectable[] {
    const labels = Object.entries(selector);
    const lists = labels.map(([key, value]) => this.#byLabel.get(labelKey(namespace, key, value)) ?? []);
    const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best), lists[0] ?? []);
    return shortest.filter((one) => labels.every(([key, value]) => one.labels[key] === value));
  }

  #add(key: string, one: Selectable): void {
    const known = this.#byLabel.get(key);
    if (known === undefined) this.#byLabel.set(key, [one]);
    else known.push(one);
  }
}

/** Neither names nor labels hold a "\n". */
function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}\n${value}`;
}
