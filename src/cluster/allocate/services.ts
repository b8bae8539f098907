/**
 * Services as the API server stores them: defaults filled in, cluster IPs, node ports and load balancers' addresses allocated.
 * What the manifests name is taken first, in their order; what is left open is chosen from what is left.
 */

import type { V1Service } from "../../manifest/kubernetes.ts";
import type { Located, Manifests, Problem } from "../../manifest/types.ts";
import { canonicalCidr } from "../../network/prefix.ts";
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

/** What is wrong with a field of a Service. */
export type ReportField = (path: string, message: string) => void;

interface Allocators {
  readonly clusterIps: ClusterIpAllocator;
  readonly nodePorts: NodePortAllocator;
  readonly pool: LoadBalancerPool;
}

/** The prefixes of the ServiceCIDR objects, else the ones that the user names; empty: nobody knows. */
export function knownServiceCidrs(manifests: Manifests, options: ControlPlaneOptions): readonly string[] {
  const given = manifests.serviceCidrs.flatMap(({ object }) => object.spec?.cidrs ?? []);
  return given.length > 0 ? given.flatMap((cidr) => canonicalCidr(cidr) ?? []) : (options.serviceCidrs ?? []);
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
  return services.map((service) =>
    withObject(service, allocate(service.object, allocators, reporter(service, problems))),
  );
}

function allocatorsFor(manifests: Manifests, options: ControlPlaneOptions): Allocators {
  const seed = options.seed ?? SEED;
  const known = knownServiceCidrs(manifests, options);
  const clusterIps = new ClusterIpAllocator(known.length > 0 ? known : SERVICE_CIDRS, seed, known.length > 0);
  for (const { object } of manifests.ipAddresses) clusterIps.withhold(nameOf(object.metadata));
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
  reserveClusterIps(spec, clusterIps, report);
  reserveNodePorts(spec, nodePorts);
  reserveIngress(status, pool);
}

function allocate(object: V1Service, { clusterIps, nodePorts, pool }: Allocators, report: ReportField): V1Service {
  const { spec = {} } = object;
  if (spec.type === "ExternalName") return object;
  const key = `${namespaceOf(object.metadata)}/${nameOf(object.metadata)}`;
  const addressed = allocateClusterIps(spec, key, clusterIps, report);
  const opened = allocateNodePorts(addressed, key, nodePorts, report);
  return allocateIngress({ ...object, spec: opened }, pool, report);
}

function reporter({ object, placeOf }: Located<V1Service>, problems: Problem[]): ReportField {
  const name = `Service "${namespaceOf(object.metadata)}/${nameOf(object.metadata)}"`;
  return (path, message) => {
    problems.push({ severity: "error", place: placeOf(path), object: name, path, message });
  };
}
