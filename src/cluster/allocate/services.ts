/**
 * Services as the API server stores them: defaults filled in, cluster IPs, node ports and load balancers' addresses allocated.
 * What the manifests name is taken first, in their order; what is left open is chosen from what is left.
 */

import type { V1IpAddress, V1Service } from "../../manifest/kubernetes.ts";
import type { Located, Manifests, Problem } from "../../manifest/types.ts";
import { nameOf, namespaceOf } from "../metadata.ts";
import { type ControlPlaneOptions, SEED, SERVICE_CIDRS } from "../options.ts";
import { withObject } from "../with-object.ts";
import { poolRange } from "./address-range.ts";
import { ClusterIpAllocator } from "./cluster-ip.ts";
import { allocateClusterIps, reserveClusterIps } from "./cluster-ips-of-service.ts";
import { withDefaults } from "./defaults.ts";
import { allocateIngress, reserveIngress } from "./ingress-of-service.ts";
import { LoadBalancerPool } from "./load-balancer.ts";
import { NodePortAllocator } from "./node-port.ts";
import { allocateNodePorts, reserveNodePorts } from "./node-ports-of-service.ts";
import { serviceCidrs } from "./service-cidrs.ts";

/** What is wrong with a field of a Service. */
export type ReportField = (path: string, message: string, remedy?: string) => void;

interface Allocators {
  readonly clusterIps: ClusterIpAllocator;
  readonly nodePorts: NodePortAllocator;
  readonly pool: LoadBalancerPool;
}

export function allocateServices(
  manifests: Manifests,
  options: ControlPlaneOptions,
  problems: Problem[],
): readonly Located<V1Service>[] {
  const allocators = allocatorsFor(manifests, options);
  const families = allocators.clusterIps.families();
  const services = manifests.services.map((service) =>
    withObject(service, { ...service.object, spec: withDefaults(service.object.spec ?? {}, families) }),
  );
  for (const service of services) reserve(service, allocators, reporter(service, problems));
  return services.map((service) => {
    const allocated = allocate(service.object, allocators, reporter(service, problems));
    return allocated === service.object ? service : withObject(service, allocated);
  });
}

function allocatorsFor(manifests: Manifests, options: ControlPlaneOptions): Allocators {
  const seed = options.seed ?? SEED;
  const known = serviceCidrs(manifests, options);
  const supposed = SERVICE_CIDRS.map((cidr) => ({ cidr, isReady: true }));
  const clusterIps = new ClusterIpAllocator(known.length > 0 ? known : supposed, seed, known.length > 0);
  for (const { object } of manifests.ipAddresses) clusterIps.withhold(nameOf(object.metadata), ownerOf(object));
  const ranges = (options.loadBalancerPools ?? []).map((text) => {
    const range = poolRange(text);
    if (range === undefined) throw new Error(`"${text}" is no pool of addresses`);
    return range;
  });
  return { clusterIps, nodePorts: new NodePortAllocator(seed), pool: new LoadBalancerPool(ranges) };
}

function reserve(
  { object }: Located<V1Service>,
  { clusterIps, nodePorts, pool }: Allocators,
  report: ReportField,
): void {
  const { spec = {}, status } = object;
  if (spec.type === "ExternalName") return;
  reserveClusterIps(spec, keyOf(object), clusterIps, report);
  reserveNodePorts(spec, nodePorts);
  reserveIngress(status, pool);
}

function allocate(object: V1Service, { clusterIps, nodePorts, pool }: Allocators, report: ReportField): V1Service {
  const { spec = {} } = object;
  if (spec.type === "ExternalName") return object;
  const key = keyOf(object);
  const addressed = allocateClusterIps(spec, key, clusterIps, report);
  const opened = allocateNodePorts(addressed, key, nodePorts, report);
  return allocateIngress(opened === spec ? object : { ...object, spec: opened }, pool, report);
}

/** Whose an IPAddress is: a Service's key, or another object's name. */
function ownerOf({ spec }: V1IpAddress): string {
  const { resource, namespace, name } = spec?.parentRef ?? {};
  const key = namespace ? `${namespace}/${name}` : `${name}`;
  return resource === "services" ? key : `${resource} ${key}`;
}

function keyOf({ metadata }: V1Service): string {
  return `${namespaceOf(metadata)}/${nameOf(metadata)}`;
}

function reporter(service: Located<V1Service>, problems: Problem[]): ReportField {
  return (path, message, remedy) => {
    const told = remedy === undefined ? {} : { remedy };
    const object = `Service "${keyOf(service.object)}"`;
    problems.push({ severity: "error", place: service.placeOf(path), object, path, message, ...told });
  };
}
