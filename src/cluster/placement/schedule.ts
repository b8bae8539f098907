/**
 * The scheduler, as plain as can be: a pod goes to the node with the fewest pods of its own workload, of those to the one
 * with the fewest pods, of those to the first. Node names, selectors, taints and the number of pods a node takes are
 * honoured; resources and affinity are not looked at.
 */

import type { V1Node, V1Pod } from "../../manifest/kubernetes.ts";
import type { Located, Problem } from "../../manifest/types.ts";
import { nameOf, namespaceOf } from "../metadata.ts";
import { withObject } from "../with-object.ts";
import { ownerKey } from "../workload/owned.ts";
import { obstacle } from "./obstacle.ts";
import { needsAddress } from "./pending.ts";

/** The kubelet's maxPods. */
const PODS_MAX = 110;

interface Load {
  readonly node: V1Node;
  readonly capacity: number;
  pods: number;
  readonly byOwner: Map<string, number>;
}

/** Pods that wait for a node get one, or stay as they are: of each workload's the first is told. */
export function schedule(
  pods: readonly Located<V1Pod>[],
  nodes: readonly Located<V1Node>[],
  problems: Problem[],
): readonly Located<V1Pod>[] {
  if (!pods.some(({ object }) => isWaiting(object))) return pods;
  const loads = new Map(nodes.map(({ object }) => [nameOf(object.metadata), loadOf(object)]));
  for (const { object } of pods) take(loads.get(object.spec?.nodeName ?? ""), object);
  const told = new Set<string>();
  return pods.map((pod) => {
    if (!isWaiting(pod.object)) return pod;
    const reasons = new Map<string, number>();
    const chosen = choose(pod.object, [...loads.values()], reasons);
    if (chosen !== undefined) {
      take(chosen, pod.object);
      return withSpec(pod, nameOf(chosen.node.metadata));
    }
    const message = unavailable(loads.size, reasons);
    const owner = ownerKey(pod.object.metadata);
    if (owner === undefined || !told.has(owner)) problems.push(warning(pod, message));
    if (owner !== undefined) told.add(owner);
    return withStatus(pod, message);
  });
}

function isWaiting(pod: V1Pod): boolean {
  return needsAddress(pod) && !pod.spec?.nodeName;
}

function loadOf(node: V1Node): Load {
  const capacity = Number(node.status?.allocatable?.pods ?? PODS_MAX);
  return { node, capacity: Number.isFinite(capacity) ? capacity : PODS_MAX, pods: 0, byOwner: new Map() };
}

function take(load: Load | undefined, pod: V1Pod): void {
  if (load === undefined) return;
  const owner = ownerKey(pod.metadata) ?? "";
  load.pods++;
  load.byOwner.set(owner, (load.byOwner.get(owner) ?? 0) + 1);
}

function choose(pod: V1Pod, loads: readonly Load[], reasons: Map<string, number>): Load | undefined {
  const owner = ownerKey(pod.metadata) ?? "";
  const own = (load: Load) => load.byOwner.get(owner) ?? 0;
  let best: Load | undefined;
  for (const load of loads) {
    const reason = load.pods >= load.capacity ? "Too many pods" : obstacle(pod.spec ?? { containers: [] }, load.node);
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    else if (best === undefined || own(load) - own(best) < 0 || (own(load) === own(best) && load.pods < best.pods))
      best = load;
  }
  return best;
}

/** `0/2 nodes are available: 1 Too many pods, 1 node(s) were unschedulable.` (framework.FitError). */
function unavailable(nodes: number, reasons: ReadonlyMap<string, number>): string {
  if (nodes === 0) return "no nodes available to schedule pods";
  const listed = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${listed.join(", ")}.`;
}

function withSpec(pod: Located<V1Pod>, nodeName: string): Located<V1Pod> {
  const { object } = pod;
  return withObject(pod, { ...object, spec: { ...object.spec, containers: object.spec?.containers ?? [], nodeName } });
}

function withStatus(pod: Located<V1Pod>, message: string): Located<V1Pod> {
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  return withObject(pod, {
    ...pod.object,
    status: { ...pod.object.status, phase: "Pending", conditions: [condition] },
  });
}

function warning(pod: Located<V1Pod>, message: string): Problem {
  const { metadata } = pod.object;
  const object = `Pod "${namespaceOf(metadata)}/${nameOf(metadata)}"`;
  return { severity: "warning", place: pod.placeOf("spec"), object, path: "spec", message };
}
