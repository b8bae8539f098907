/** The service ports that a proxier serves: each port of each Service, with the addresses of its family. */

import type { Cluster, ClusterService, IpFamily, Protocol, ServicePort } from "../cluster/types.ts";
import { type Prefix, prefixOf } from "../network/prefix.ts";
import { ofFamily } from "./family.ts";

/** Services with one of these labels are somebody else's: kube-proxy's watch leaves them out. */
const FOREIGN_LABELS = ["service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless"];

export interface ProxyServicePort {
  readonly namespace: string;
  readonly service: string;
  /** Name of the port; may be empty. */
  readonly name: string;
  /** kube-proxy's name for it: "default/web:http", or "default/web" when the port has no name. */
  readonly title: string;
  readonly protocol: Protocol;
  readonly clusterIp: string;
  readonly port: number;
  readonly nodePort: number | undefined;
  /** Where load balancers ask whether this node has endpoints. */
  readonly healthCheckNodePort: number | undefined;
  readonly externalIps: readonly string[];
  /** Load balancer addresses with ipMode VIP; the others are not the node's business. */
  readonly loadBalancerIps: readonly string[];
  readonly sourceRanges: readonly Prefix[];
  readonly affinityTimeoutSeconds: number | undefined;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Reachable by something other than its ClusterIP. */
  readonly external: boolean;
}

/** All service ports of a family. Headless Services, ExternalNames and Services without an address of it have none. */
export function servicePorts(cluster: Cluster, family: IpFamily): ProxyServicePort[] {
  return cluster.services.filter(isServed).flatMap((service) => {
    const [clusterIp] = ofFamily(service.clusterIps, family);
    if (clusterIp === undefined) return [];
    const addresses = serviceAddresses(service, family, clusterIp);
    return service.ports.map((port) => servicePort(service, port, addresses));
  });
}

/** Internal traffic with policy Cluster needs them, and so does external traffic of any policy: for its short cuts. */
export function usesClusterEndpoints(port: ProxyServicePort): boolean {
  return !port.internalLocal || port.external;
}

export function usesLocalEndpoints(port: ProxyServicePort): boolean {
  return port.internalLocal || (port.externalLocal && port.external);
}

function isServed(service: ClusterService): boolean {
  if (FOREIGN_LABELS.some((label) => label in service.labels)) return false;
  return service.type !== "ExternalName" && !service.clusterIps.includes("None");
}

type ServiceAddresses = Pick<ProxyServicePort, "clusterIp" | "externalIps" | "loadBalancerIps" | "sourceRanges">;

function serviceAddresses(service: ClusterService, family: IpFamily, clusterIp: string): ServiceAddresses {
  const virtualIps = service.loadBalancerIngress.filter(({ ipMode }) => ipMode === "VIP").map(({ ip }) => ip);
  const ranges = service.loadBalancerSourceRanges.map((range) => range.trim());
  return {
    clusterIp,
    externalIps: ofFamily(service.externalIps, family),
    loadBalancerIps: ofFamily(virtualIps, family),
    sourceRanges: ofFamily(ranges, family).map(prefixOf),
  };
}

function servicePort(service: ClusterService, port: ServicePort, addresses: ServiceAddresses): ProxyServicePort {
  const { namespace, name } = service;
  const { clusterIp, externalIps, loadBalancerIps, sourceRanges } = addresses;
  return {
    namespace,
    service: name,
    name: port.name,
    title: port.name === "" ? `${namespace}/${name}` : `${namespace}/${name}:${port.name}`,
    protocol: port.protocol,
    clusterIp,
    port: port.port,
    nodePort: port.nodePort || undefined,
    healthCheckNodePort: (needsHealthCheck(service) && service.healthCheckNodePort) || undefined,
    externalIps,
    loadBalancerIps,
    sourceRanges,
    affinityTimeoutSeconds: service.affinityTimeoutSeconds,
    internalLocal: service.internalTrafficPolicy === "Local",
    externalLocal: acceptsExternal(service) && service.externalTrafficPolicy === "Local",
    external: Boolean(port.nodePort) || loadBalancerIps.length > 0 || externalIps.length > 0,
  };
}

/** Load balancers send only to nodes with endpoints where policy Local leaves the others without (NeedsHealthCheck in pkg/api). */
function needsHealthCheck({ type, externalTrafficPolicy }: ClusterService): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** The policy for external traffic means something for these Services only (ExternallyAccessible in pkg/api). */
function acceptsExternal({ type, externalIps }: ClusterService): boolean {
  return type === "NodePort" || type === "LoadBalancer" || externalIps.length > 0;
}
