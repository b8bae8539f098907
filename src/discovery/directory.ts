/** The cluster, indexed as questions come: by name and by address, all in lower case. */

import { groupBy } from "../cluster/group.ts";
import type { Cluster, ClusterService, Slice, SliceEndpoint } from "../cluster/types.ts";
import { dashed } from "./names.ts";

/** An endpoint that DNS shows, with the ports of its slice. */
export interface NamedEndpoint {
  readonly service: ClusterService;
  readonly address: string;
  readonly hostname: string;
  readonly ports: Slice["ports"];
}

export interface Directory {
  /** By "namespace/name". */
  readonly services: ReadonlyMap<string, ClusterService>;
  readonly endpoints: ReadonlyMap<string, readonly NamedEndpoint[]>;
  readonly serviceByAddress: ReadonlyMap<string, ClusterService>;
  readonly endpointsByAddress: ReadonlyMap<string, readonly NamedEndpoint[]>;
  /** Namespaces have no manifest here: those of any object count, and those that every cluster has. */
  readonly namespaces: ReadonlySet<string>;
}

const NAMESPACES_OF_ALL = ["default", "kube-node-lease", "kube-public", "kube-system"];

export function directoryOf(cluster: Cluster): Directory {
  const services = new Map(cluster.services.map((service) => [keyOf(service.namespace, service.name), service]));
  const named = cluster.endpointSlices.flatMap((slice) => {
    const service = services.get(keyOf(slice.namespace, slice.service));
    return service === undefined ? [] : namedEndpoints(service, slice);
  });
  const objects = [...cluster.services, ...cluster.pods, ...cluster.endpointSlices];
  return {
    services,
    endpoints: groupBy(named, ({ service }) => keyOf(service.namespace, service.name)),
    serviceByAddress: serviceByAddress(cluster.services),
    endpointsByAddress: groupBy(named, ({ address }) => address),
    namespaces: new Set([...NAMESPACES_OF_ALL, ...objects.map(({ namespace }) => namespace.toLowerCase())]),
  };
}

export function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`.toLowerCase();
}

export function isHeadless({ clusterIps }: ClusterService): boolean {
  return clusterIps.includes("None");
}

/** Of Services that claim one address, the first has it. */
function serviceByAddress(services: readonly ClusterService[]): Map<string, ClusterService> {
  const byAddress = new Map<string, ClusterService>();
  for (const service of services) {
    for (const address of service.clusterIps) {
      if (!byAddress.has(address)) byAddress.set(address, service);
    }
  }
  return byAddress;
}

function namedEndpoints(service: ClusterService, slice: Slice): NamedEndpoint[] {
  return slice.endpoints.filter(isShown(service)).flatMap((endpoint) =>
    endpoint.addresses.map((address) => ({
      service,
      address,
      hostname: endpoint.hostname ?? dashed(address),
      ports: slice.ports,
    })),
  );
}

/** Ready ones; all of them where the Service says so (specification, section 2.1, "ready"). */
function isShown({ publishNotReadyAddresses }: ClusterService): (endpoint: SliceEndpoint) => boolean {
  return ({ ready }) => ready || publishNotReadyAddresses;
}
