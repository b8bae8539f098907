/** The endpoints of each service port, gathered from all EndpointSlices of one family. */

import type { Cluster, IpFamily, Protocol, Slice, SliceEndpoint } from "../cluster/types.ts";
import type { ProxyServicePort } from "./service-ports.ts";

const NO_HINTS: readonly string[] = [];

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
  const byPort = new Map<string, ProxyEndpoint[]>();
  for (const slice of cluster.endpointSlices) {
    if (slice.family === family) addSlice(byPort, slice, nodeName);
  }
  return ({ namespace, service, name, protocol }) => {
    return sortedOnce(byPort.get(portKey(namespace, service, name, protocol)) ?? []);
  };
}

function addSlice(byPort: Map<string, ProxyEndpoint[]>, slice: Slice, nodeName: string): void {
  for (const { name, protocol, port } of slice.ports) {
    if (!port) continue;
    const key = portKey(slice.namespace, slice.service, name, protocol);
    const endpoints = byPort.get(key) ?? [];
    byPort.set(key, endpoints);
    for (const endpoint of slice.endpoints) {
      const [address] = endpoint.addresses; // the others are not used: the API promises them to be equivalent
      if (address !== undefined) endpoints.push(proxyEndpoint(endpoint, address, port, nodeName));
    }
  }
}

function proxyEndpoint(endpoint: SliceEndpoint, address: string, port: number, nodeName: string): ProxyEndpoint {
  return {
    address,
    port,
    title: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
    local: nodeName !== "" && endpoint.node === nodeName,
    ready: endpoint.ready,
    serving: endpoint.serving,
    terminating: endpoint.terminating,
    zoneHints: endpoint.zoneHints ?? NO_HINTS,
    nodeHints: endpoint.nodeHints ?? NO_HINTS,
  };
}

/** Of duplicates the first stays, unless a later one is local. The sort is stable, so they stand in their order. */
function sortedOnce(endpoints: readonly ProxyEndpoint[]): readonly ProxyEndpoint[] {
  const kept: ProxyEndpoint[] = [];
  for (const endpoint of endpoints.toSorted(byTitle)) {
    if (endpoint.title !== kept.at(-1)?.title) kept.push(endpoint);
    else if (endpoint.local) kept[kept.length - 1] = endpoint;
  }
  return kept;
}

function byTitle(a: ProxyEndpoint, b: ProxyEndpoint): number {
  return a.title < b.title ? -1 : Number(a.title > b.title);
}

function portKey(namespace: string, service: string, name: string, protocol: Protocol): string {
  return `${namespace}/${service}/${protocol}/${name}`;
}
