/** The variables that the kubelet gives a pod's containers for Services (pkg/kubelet/envvars; getServiceEnvVarMap in kubelet_pods.go). */

import type { ClusterPod, ClusterService } from "../cluster/types.ts";

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface Environment {
  /** By Service, in the order of their names. */
  readonly variables: readonly Variable[];
  /** Names that two Services give different values: the kubelet takes either, from one start to the next. */
  readonly ambiguous: readonly string[];
}

/** Every pod is told of it, also in other namespaces and without service links. */
const API_SERVER = { namespace: "default", name: "kubernetes" };

export function serviceEnvironment(services: readonly ClusterService[], pod: ClusterPod): Environment {
  const all = visibleServices(services, pod).flatMap(serviceVariables);
  const byName = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const { name, value } of all) {
    if ((byName.get(name) ?? value) !== value) ambiguous.add(name);
    byName.set(name, value);
  }
  return { variables: [...byName].map(([name, value]) => ({ name, value })), ambiguous: [...ambiguous] };
}

/** Services with an address, of the pod's own namespace; one of the name "kubernetes" there hides the API server's. */
function visibleServices(services: readonly ClusterService[], pod: ClusterPod): readonly ClusterService[] {
  const byName = new Map<string, ClusterService>();
  for (const service of services.filter(hasAddress)) {
    const isApiServer = service.namespace === API_SERVER.namespace && service.name === API_SERVER.name;
    if (
      isApiServer ? !byName.has(service.name) : service.namespace === pod.namespace && pod.enableServiceLinks !== false
    )
      byName.set(service.name, service);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function hasAddress({ clusterIps }: ClusterService): boolean {
  return clusterIps.length > 0 && !clusterIps.includes("None");
}

/** Host and first port, the named ports, and what links of Docker containers gave. */
function serviceVariables(service: ClusterService): Variable[] {
  const [address = ""] = service.clusterIps;
  const prefix = variableName(service.name);
  const [first] = service.ports;
  if (first === undefined) return [];
  return [
    { name: `${prefix}_SERVICE_HOST`, value: address },
    { name: `${prefix}_SERVICE_PORT`, value: `${first.port}` },
    ...service.ports
      .filter(({ name }) => name !== "")
      .map(({ name, port }) => ({ name: `${prefix}_SERVICE_PORT_${variableName(name)}`, value: `${port}` })),
    { name: `${prefix}_PORT`, value: url(first, address) },
    ...service.ports.flatMap((port) => linkVariables(`${prefix}_PORT_${port.port}_${port.protocol}`, port, address)),
  ];
}

function linkVariables(prefix: string, port: ClusterService["ports"][number], address: string): Variable[] {
  return [
    { name: prefix, value: url(port, address) },
    { name: `${prefix}_PROTO`, value: port.protocol.toLowerCase() },
    { name: `${prefix}_PORT`, value: `${port.port}` },
    { name: `${prefix}_ADDR`, value: address },
  ];
}

function url({ protocol, port }: ClusterService["ports"][number], address: string): string {
  return `${protocol.toLowerCase()}://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** "kimho-port" → KIMHO_PORT. A leading digit stays: such a name is no shell variable, but the kubelet sets it all the same. */
function variableName(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}
