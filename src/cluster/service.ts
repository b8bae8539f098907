/** Services with the API server's defaults (pkg/apis/core/v1/defaults.go). */

import type { V1Service } from "../manifest/kubernetes.ts";
import { canonicalAddress, canonicalAddresses } from "../network/address.ts";
import { canonicalCidr } from "../network/prefix.ts";
import { nameOf, namespaceOf, stringMap } from "./metadata.ts";
import type { ClusterService, Protocol, ServicePort, Writable } from "./types.ts";

type Spec = NonNullable<V1Service["spec"]>;

export const AFFINITY_TIMEOUT_SECONDS = 10800;
export const HEADLESS = "None";

/** The Service of a manifest that was found well-formed. */
export function clusterService({ metadata, spec = {}, status }: V1Service): ClusterService {
  const type = (spec.type || "ClusterIP") as ClusterService["type"];
  const service: Writable<ClusterService> = {
    namespace: namespaceOf(metadata),
    name: nameOf(metadata),
    type,
    clusterIps: type === "ExternalName" ? [] : clusterIps(spec),
    externalIps: canonicalAddresses(spec.externalIPs ?? []),
    loadBalancerIngress: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => {
      const address = canonicalAddress(ip ?? "");
      return address === undefined ? [] : [{ ip: address, ipMode: ipMode === "Proxy" ? "Proxy" : "VIP" }];
    }),
    loadBalancerSourceRanges: (spec.loadBalancerSourceRanges ?? []).flatMap((cidr) => canonicalCidr(cidr.trim()) ?? []),
    ports: (spec.ports ?? []).map(servicePort),
    externalTrafficPolicy: spec.externalTrafficPolicy === "Local" ? "Local" : "Cluster",
    internalTrafficPolicy: spec.internalTrafficPolicy === "Local" ? "Local" : "Cluster",
    publishNotReadyAddresses: spec.publishNotReadyAddresses ?? false,
    labels: stringMap(metadata?.labels),
    annotations: stringMap(metadata?.annotations),
    selector: stringMap(spec.selector),
  };
  if (spec.sessionAffinity === "ClientIP") service.affinityTimeoutSeconds = affinityTimeout(spec);
  if (spec.trafficDistribution) service.trafficDistribution = spec.trafficDistribution;
  if (spec.healthCheckNodePort) service.healthCheckNodePort = spec.healthCheckNodePort;
  if (type === "ExternalName" && spec.externalName) service.externalName = spec.externalName;
  return service;
}

function clusterIps(spec: Spec): readonly string[] {
  const given = (spec.clusterIPs ?? []).length > 0 ? (spec.clusterIPs ?? []) : [spec.clusterIP ?? ""];
  return given.includes(HEADLESS) ? [HEADLESS] : canonicalAddresses(given);
}

function servicePort(given: NonNullable<Spec["ports"]>[number]): ServicePort {
  const port: Writable<ServicePort> = {
    name: given.name ?? "",
    protocol: (given.protocol || "TCP") as Protocol,
    port: given.port,
    targetPort: given.targetPort || given.port,
  };
  if (given.nodePort) port.nodePort = given.nodePort;
  return port;
}

function affinityTimeout({ sessionAffinityConfig }: Spec): number {
  return sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT_SECONDS;
}
