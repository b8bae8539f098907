/** From manifests to the cluster as kube-proxy sees it: defaults filled in, addresses canonical, endpoints derived where none are given. */

import type { Manifests, Problem } from "../manifest/types.ts";
import { endpointsSlices } from "./endpoints.ts";
import { clusterNode } from "./node.ts";
import { clusterPod } from "./pod.ts";
import { podSlices } from "./pod-endpoints.ts";
import { clusterService, serviceProblems } from "./service.ts";
import { clusterSlice } from "./slice.ts";
import type { Cluster, ClusterService, Slice } from "./types.ts";

/** `problems` tells what the manifests leave open, such as an address that nobody has assigned. */
export function buildCluster(manifests: Manifests): {
  readonly cluster: Cluster;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const nodes = manifests.nodes.map((node) => clusterNode(node, problems));
  const services = manifests.services.map(({ object }) => clusterService(object));
  const pods = manifests.pods.map(({ object }) => clusterPod(object));
  const given = manifests.endpointSlices.flatMap(({ object }) => clusterSlice(object) ?? []);
  const derived = deriveSlices(
    manifests,
    services,
    new Set(given.map(serviceKey)),
    new Map(nodes.map((node) => [node.name, node.zone])),
  );
  for (const [index, service] of services.entries()) {
    const located = manifests.services[index];
    if (located !== undefined) problems.push(...serviceProblems(service, located));
  }
  return { cluster: { nodes, services, endpointSlices: [...given, ...derived], pods }, problems };
}

/** Services without a slice of their own: from Endpoints objects, else from the pods that their selector finds. */
function deriveSlices(
  manifests: Manifests,
  services: readonly ClusterService[],
  withSlices: ReadonlySet<string>,
  zones: ReadonlyMap<string, string | undefined>,
): Slice[] {
  const known = new Set(services.map(objectKey));
  const mirrored = manifests.endpoints.flatMap(({ object }) => {
    const key = `${object.metadata?.namespace}/${object.metadata?.name}`;
    return known.has(key) && !withSlices.has(key) ? endpointsSlices(object) : [];
  });
  const served = new Set([...withSlices, ...mirrored.map(serviceKey)]);
  const open = services.filter(
    (service) => !served.has(objectKey(service)) && Object.keys(service.selector).length > 0,
  );
  return [...mirrored, ...podSlices(open, manifests.pods, zones)];
}

function serviceKey(slice: Slice): string {
  return `${slice.namespace}/${slice.service}`;
}

function objectKey(object: { readonly namespace: string; readonly name: string }): string {
  return `${object.namespace}/${object.name}`;
}
