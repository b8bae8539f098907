/** From manifests to the cluster as kube-proxy sees it: what is left open decided, defaults filled in, addresses canonical. */

import type { Manifests, Problem } from "../manifest/types.ts";
import { serviceCidrs } from "./allocate/service-cidrs.ts";
import { type ClusterObjects, controlPlane } from "./control-plane.ts";
import { clusterNode } from "./node.ts";
import type { ControlPlaneOptions } from "./options.ts";
import { clusterPod } from "./pod.ts";
import { clusterService } from "./service.ts";
import { clusterSlice } from "./slice.ts";
import type { Cluster } from "./types.ts";

export interface BuiltCluster {
  readonly cluster: Cluster;
  /** The same as Kubernetes objects, every one complete. */
  readonly objects: ClusterObjects;
  /** Addresses and ports that cannot be had, pods that no node takes. */
  readonly problems: readonly Problem[];
}

export function buildCluster(manifests: Manifests, options: ControlPlaneOptions = {}): BuiltCluster {
  const problems: Problem[] = [];
  const objects = controlPlane(manifests, options, problems);
  const cidrs = serviceCidrs(manifests, options).map(({ cidr }) => cidr);
  const cluster = {
    nodes: objects.nodes.map((node) => clusterNode(node, problems)),
    services: objects.services.map(({ object }) => clusterService(object)),
    endpointSlices: objects.endpointSlices.flatMap((slice) => clusterSlice(slice) ?? []),
    pods: objects.pods.map(({ object }) => clusterPod(object)),
    ...(cidrs.length > 0 ? { serviceCidrs: cidrs } : {}),
  };
  return { cluster, objects, problems };
}
