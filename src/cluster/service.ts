/** Services with the API server's defaults (pkg/apis/core/v1/defaults.go). */

import type { V1Service } from "../manifest/kubernetes.ts";
import { canonicalAddress } from "../network/address.ts";
import { canonicalCidr } from "../network/prefix.ts";
import { nameOf, namespaceOf, stringMap } from "./metadata.ts";
import type { ClusterService, Protocol, ServicePort } from "./types.ts";

type Spec = NonNullable<V1Service["spec"]>;

export const AFFINITY_TIMEOUT_SECONDS = 10800;
export const HEADLESS = "None";

/** The Service of a manifest that was found well-formed. */
export function clusterService({ metadata, spec = {}, status }: V1Service): ClusterService {
  const type = (spec.type || "ClusterIP") as ClusterService["type"];
  const healthCheck = spec.healthCheckNodePort;
  return {
    namespace: namespaceOf(metadata),
    name: nameOf(metadata),
    type,
    clusterIps: type === "ExternalName" ? [] : clusterIps(spec),
    externalIps: addresses(spec.externalIPs),
    loadBalancerIngress: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => {
      const address = canonicalAddress(ip ?? "");
      return address === undefined ? [] : [{ ip: address, ipMode: ipMode === "Proxy" ? "Proxy" : "VIP" }];
    }),
    loadBalancerSourceRanges: (spec.loadBalancerSourceRanges ?? []).flatMap((cidr) => canonicalCidr(cidr.trim()) ?? []),
    ports: (spec.ports ?? []).map(servicePort),
    ...affinity(spec),
    externalTrafficPolicy: spec.externalTrafficPolicy === "Local" ? "Local" : "Cluster",
    internalTrafficPolicy: spec.internalTrafficPolicy === "Local" ? "Local" : "Cluster",
    ...(spec.trafficDistribution ? { trafficDistribution: spec.trafficDistribution } : {}),
    ...(healthCheck ? { healthCheckNodePort: healthCheck } : {}),
    publishNotReadyAddresses: spec.publishNotReadyAddresses ?? false,
    labels: stringMap(metadata?.labels),
    annotations: stringMap(metadata?.annotations),
    selector: stringMap(spec.selector),
    ...(type === "ExternalName" && spec.externalName ? { externalName: spec.externalName } : {}),
  };
}

function clusterIps(spec: Spec): string[] {
  const given = (spec.clusterIPs ?? []).length > 0 ? (spec.clusterIPs ?? []) : [spec.clusterIP ?? ""];
  return given.includes(HEADLESS) ? [HEADLESS] : addresses(given);
}

function addresses(given: readonly string[] | null | undefined): string[] {
  return (given ?? []).flatMap((address) => canonicalAddress(address) ?? []);
}

function servicePort(given: NonNullable<Spec["ports"]>[number]): ServicePort {
  return {
    name: given.name ?? "",
    protocol: (given.protocol || "TCP") as Protocol,
    port: given.port,
    targetPort: given.targetPort || given.port,
    ...(given.nodePort ? { nodePort: given.nodePort } : {}),
  };
}

function affinity(spec: Spec): { affinityTimeoutSeconds?: number } {
  if (spec.sessionAffinity !== "ClientIP") return {};
  return { affinityTimeoutSeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT_SECONDS };
}
