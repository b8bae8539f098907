/** The endpoints of each service port, gathered from all EndpointSlices of one family. */

import type { Cluster, IpFamily, Protocol, Slice, SliceEndpoint } from "../cluster/types.ts";
import type { ProxyServicePort } from "./service-ports.ts";

export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
  /** "10.244.1.5:8080" or "[fd00::5]:8080": the name it is sorted by and told apart by. */
  readonly title: string;
  /** On the node whose rules are written. */
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/** A lookup from service port to its endpoints, sorted by title as bytes and without duplicates. */
export function endpointsOf(
  cluster: Cluster,
  family: IpFamily,
  nodeName: string,
): (port: ProxyServicePort) => readonly ProxyEndpoint[] {
  const byPort = new Map<string, Map<string, ProxyEndpoint>>();
  for (const slice of cluster.endpointSlices) {
    if (slice.family === family) addSlice(byPort, slice, nodeName);
  }
  return ({ namespace, service, name, protocol }) => {
    const endpoints = byPort.get(portKey(namespace, service, name, protocol));
    return endpoints === undefined ? [] : [...endpoints.values()].sort((a, b) => (a.title < b.title ? -1 : 1));
  };
}

function addSlice(byPort: Map<string, Map<string, ProxyEndpoint>>, slice: Slice, nodeName: string): void {
  for (const { name, protocol, port } of slice.ports) {
    if (!port) continue;
    const key = portKey(slice.namespace, slice.service, name, protocol);
    const endpoints = byPort.get(key) ?? new Map<string, ProxyEndpoint>();
    byPort.set(key, endpoints);
    for (const endpoint of slice.endpoints) addEndpoint(endpoints, endpoint, port, nodeName);
  }
}

/** Of an endpoint only the first address counts. Of duplicates the first stays, unless a later one is local. */
function addEndpoint(
  endpoints: Map<string, ProxyEndpoint>,
  endpoint: SliceEndpoint,
  port: number,
  nodeName: string,
): void {
  const [address] = endpoint.addresses;
  if (address === undefined) return;
  const title = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const local = nodeName !== "" && endpoint.node === nodeName;
  if (endpoints.has(title) && !local) return;
  const { ready, serving, terminating, zoneHints = [], nodeHints = [] } = endpoint;
  endpoints.set(title, { address, port, title, local, ready, serving, terminating, zoneHints, nodeHints });
}

function portKey(namespace: string, service: string, name: string, protocol: Protocol): string {
  return `${namespace}/${service}/${protocol}/${name}`;
}
