/** `kubectl apply` and `kubectl delete`: what they do to the objects that are there. */

import type { Located, Manifests } from "../manifest/types.ts";

interface Named {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

const KINDS = [
  "services",
  "endpointSlices",
  "endpoints",
  "nodes",
  "pods",
  "deployments",
  "replicaSets",
  "statefulSets",
  "daemonSets",
  "serviceCidrs",
  "ipAddresses",
] as const satisfies readonly (keyof Manifests)[];

/** An applied object takes the place of the one with its name, or is new; a deleted one goes. */
export function changedManifests(before: Manifests, verb: "apply" | "delete", objects: Manifests): Manifests {
  const changed: Record<string, readonly Located<Named>[]> = {};
  for (const kind of KINDS) changed[kind] = changedList(before[kind], verb, objects[kind]);
  return { ...before, ...(changed as unknown as Pick<Manifests, (typeof KINDS)[number]>) };
}

function changedList(
  before: readonly Located<Named>[],
  verb: "apply" | "delete",
  objects: readonly Located<Named>[],
): readonly Located<Named>[] {
  if (objects.length === 0) return before;
  const byName = new Map(before.map((located) => [nameOf(located), located]));
  for (const located of objects) {
    if (verb === "apply") byName.set(nameOf(located), located);
    else byName.delete(nameOf(located));
  }
  return [...byName.values()];
}

function nameOf({ object }: Located<Named>): string {
  return `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
}
