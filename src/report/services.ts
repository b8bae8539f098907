/** Which Service port and which endpoint a connection belongs to: by what the client dialled and by who answers. */

import { groupBy } from "../cluster/group.ts";
import type { Cluster, ClusterService, ServicePort, Slice } from "../cluster/types.ts";
import type { ServedConnection } from "../engine/connections.ts";

/** A port of a Service, with the endpoints that it can have. */
export interface ServicePortEntry {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly endpoints: readonly { readonly address: string; readonly port: number; readonly node: string }[];
}

export interface Attribution {
  readonly service: ServicePortEntry;
  /** Absent for a connection that reached no endpoint. */
  readonly endpoint?: { readonly address: string; readonly port: number };
}

/** Where somebody listens, or seems to. */
export interface Server {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/** An address and a port at which clients reach a Service. */
export interface Front extends Server {
  /** Place of what is reached there among the entries. */
  readonly entry: number;
}

/** What an index is made of: plain data, which another thread can have. */
export interface ServiceAddresses {
  readonly entries: readonly ServicePortEntry[];
  readonly fronts: readonly Front[];
}

export interface ServiceIndex extends ServiceAddresses {
  readonly find: (connection: ServedConnection) => Attribution | undefined;
}

/** `nodeAddresses`: where nodePorts are served. */
export function indexServices(cluster: Cluster, nodeAddresses: readonly string[]): ServiceIndex {
  const entries: ServicePortEntry[] = [];
  const fronts: Front[] = [];
  const slices = groupBy(cluster.endpointSlices, ({ namespace, service }) => `${namespace}/${service}`);
  for (const service of cluster.services) {
    if (service.type === "ExternalName") continue;
    const own = slices.get(`${service.namespace}/${service.name}`) ?? [];
    for (const port of service.ports) {
      const entry = entries.push(entryOf(own, service, port)) - 1;
      fronts.push(...frontsOf(service, port, nodeAddresses).map((front) => ({ ...front, entry })));
    }
  }
  return indexAddresses({ entries, fronts });
}

/** The last of several Services at one address has it. */
export function indexAddresses({ entries, fronts }: ServiceAddresses): ServiceIndex {
  const byAddress = new Map<string, ServicePortEntry>();
  for (const { protocol, address, port, entry } of fronts) byAddress.set(key(protocol, address, port), entries[entry]!);
  return { entries, fronts, find: (connection) => attribute(byAddress, connection) };
}

/** "10.0.0.1:80", "[fd00::1]:80". */
export function addressAndPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** "default/web:80". */
export function serviceName(entry: ServicePortEntry): string {
  return `${entry.namespace}/${entry.name}:${entry.port}`;
}

function attribute(
  byAddress: ReadonlyMap<string, ServicePortEntry>,
  connection: ServedConnection,
): Attribution | undefined {
  const { original, reply } = connection;
  if (original.dport === undefined) return undefined;
  const service = byAddress.get(key(connection.protocol, original.dst, original.dport));
  if (service === undefined) return undefined;
  const translated = reply.src !== original.dst || reply.sport !== original.dport;
  if (!translated || reply.sport === undefined) return { service };
  return { service, endpoint: { address: reply.src, port: reply.sport } };
}

function entryOf(slices: readonly Slice[], service: ClusterService, port: ServicePort): ServicePortEntry {
  const endpoints = slices.flatMap((slice) => {
    const target = slice.ports.find((known) => known.name === port.name && known.protocol === port.protocol)?.port;
    if (target === undefined) return [];
    return slice.endpoints.flatMap((endpoint) =>
      endpoint.addresses.slice(0, 1).map((address) => ({ address, port: target, node: endpoint.node ?? "" })),
    );
  });
  const protocol = port.protocol.toLowerCase();
  return { namespace: service.namespace, name: service.name, port: port.port, protocol, endpoints };
}

function frontsOf(service: ClusterService, port: ServicePort, nodeAddresses: readonly string[]): Server[] {
  const protocol = port.protocol.toLowerCase();
  const { nodePort } = port;
  const virtual = virtualAddresses(service).map((address) => ({ protocol, address, port: port.port }));
  if (nodePort === undefined) return virtual;
  return [...virtual, ...nodeAddresses.map((address) => ({ protocol, address, port: nodePort }))];
}

function virtualAddresses(service: ClusterService): string[] {
  const ingress = service.loadBalancerIngress.map(({ ip }) => ip);
  return [...service.clusterIps.filter((ip) => ip !== "None"), ...ingress, ...service.externalIps];
}

function key(protocol: string, address: string, port: number): string {
  return `${protocol} ${address} ${port}`;
}
