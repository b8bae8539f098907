/**
 * What the control plane does to objects, one controller after the other: the API server allocates, workloads make pods, the
 * scheduler places them, nodes start them, endpoints follow. What the manifests give is taken as it is.
 */

import type { V1EndpointSlice, V1Node, V1Pod, V1Service } from "../manifest/kubernetes.ts";
import type { Located, Manifests, Problem } from "../manifest/types.ts";
import { allocateServices } from "./allocate/services.ts";
import { endpointsSlices } from "./endpoints.ts";
import { nameOf, namespaceOf } from "./metadata.ts";
import { ZONE_LABEL } from "./node.ts";
import { type ControlPlaneOptions, SEED } from "./options.ts";
import { defaultNodes } from "./placement/default-nodes.ts";
import { needsAddress } from "./placement/pending.ts";
import { withPodCidrs } from "./placement/pod-cidr.ts";
import { startPods } from "./placement/pod-ip.ts";
import { schedule } from "./placement/schedule.ts";
import { podSlices } from "./pod-endpoints.ts";
import { SERVICE_NAME_LABEL } from "./slice.ts";
import { hasWorkloads, workloadPods } from "./workload/pods.ts";

/** The objects once every controller has come to rest. */
export interface ClusterObjects {
  readonly nodes: readonly Located<V1Node>[];
  readonly services: readonly Located<V1Service>[];
  readonly pods: readonly Located<V1Pod>[];
  readonly endpointSlices: readonly V1EndpointSlice[];
}

export function controlPlane(manifests: Manifests, options: ControlPlaneOptions, problems: Problem[]): ClusterObjects {
  const seed = options.seed ?? SEED;
  const services = allocateServices(manifests, options, problems);
  const { nodes, pods } = placePods(manifests, seed, problems);
  const given = manifests.endpointSlices.map(({ object }) => object);
  const derived = deriveSlices(manifests, services, given, nodes, pods, seed);
  return { nodes, services, pods, endpointSlices: derived.length === 0 ? given : [...given, ...derived] };
}

/** Nodes are made up only for pods that need one, and pod ranges only for nodes that such pods are on. */
function placePods(
  manifests: Manifests,
  seed: number,
  problems: Problem[],
): { nodes: readonly Located<V1Node>[]; pods: readonly Located<V1Pod>[] } {
  const isOpen = hasWorkloads(manifests) || manifests.pods.some(({ object }) => needsAddress(object));
  if (!isOpen) return { nodes: manifests.nodes, pods: manifests.pods };
  const hosts = manifests.nodes.length > 0 ? manifests.nodes : defaultNodes(manifests.pods);
  const made = workloadPods(manifests, hosts, seed);
  const placed = schedule([...manifests.pods, ...made], hosts, problems);
  const starting = placed.filter(({ object }) => needsAddress(object) && object.spec?.hostNetwork !== true);
  const nodes = withPodCidrs(hosts, new Set(starting.map(({ object }) => object.spec?.nodeName ?? "")));
  return { nodes, pods: startPods(placed, nodes, problems) };
}

/** For Services without a slice of their own: from the pods that their selector finds, else from their Endpoints object. */
function deriveSlices(
  manifests: Manifests,
  services: readonly Located<V1Service>[],
  given: readonly V1EndpointSlice[],
  nodes: readonly Located<V1Node>[],
  pods: readonly Located<V1Pod>[],
  seed: number,
): V1EndpointSlice[] {
  const served = new Set(
    given.map(({ metadata }) => `${namespaceOf(metadata)}/${metadata?.labels?.[SERVICE_NAME_LABEL]}`),
  );
  const open = new Map<string, V1Service>();
  for (const { object } of services) if (!served.has(keyOf(object))) open.set(keyOf(object), object);
  const zones = new Map(nodes.map(({ object }) => [nameOf(object.metadata), object.metadata?.labels?.[ZONE_LABEL]]));
  const selecting = [...open.values()].filter(({ spec }) => Object.keys(spec?.selector ?? {}).length > 0);
  const fromPods = podSlices(
    selecting.filter(({ spec }) => spec?.type !== "ExternalName"),
    pods,
    zones,
    seed,
  );
  for (const { metadata } of fromPods)
    open.delete(`${namespaceOf(metadata)}/${metadata?.labels?.[SERVICE_NAME_LABEL]}`);
  const mirrored = manifests.endpoints.flatMap(({ object }) =>
    open.has(keyOf(object)) ? endpointsSlices(object, seed) : [],
  );
  return [...mirrored, ...fromPods];
}

function keyOf({ metadata }: { readonly metadata?: V1Service["metadata"] }): string {
  return `${namespaceOf(metadata)}/${nameOf(metadata)}`;
}
