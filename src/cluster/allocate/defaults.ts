/** A Service's fields that the API server fills in (pkg/apis/core/v1/defaults.go, pkg/registry/core/service/storage). */

import type { V1Service } from "../../manifest/kubernetes.ts";
import { canonicalAddress, familyOf } from "../../network/address.ts";
import { AFFINITY_TIMEOUT_SECONDS, HEADLESS } from "../service.ts";
import type { IpFamily } from "../types.ts";

export type ServiceSpec = NonNullable<V1Service["spec"]>;
type Ports = NonNullable<ServiceSpec["ports"]>;

const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];

/** Everything but what must be allocated. */
export function withDefaults(spec: ServiceSpec, clusterFamilies: readonly IpFamily[]): ServiceSpec {
  const type = spec.type || "ClusterIP";
  const common = { ...spec, type, ...affinityOf(spec), ...(spec.ports ? { ports: portsOf(spec.ports) } : {}) };
  if (type === "ExternalName") return common;
  return {
    ...common,
    internalTrafficPolicy: spec.internalTrafficPolicy || "Cluster",
    ...(type === "ClusterIP" ? {} : { externalTrafficPolicy: spec.externalTrafficPolicy || "Cluster" }),
    ...(type === "LoadBalancer" ? { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true } : {}),
    ...familiesOf(spec, clusterFamilies),
  };
}

/** The addresses that the manifest gives, "None" among them. */
export function givenClusterIps({ clusterIP, clusterIPs }: ServiceSpec): string[] {
  const given = (clusterIPs ?? []).length > 0 ? (clusterIPs ?? []) : [clusterIP ?? ""];
  return given.includes(HEADLESS) ? [HEADLESS] : given.flatMap((address) => canonicalAddress(address) ?? []);
}

function affinityOf({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): ServiceSpec {
  if (sessionAffinity !== "ClientIP") return { sessionAffinity: "None" };
  const timeoutSeconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT_SECONDS;
  return { sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function portsOf(ports: Ports): Ports {
  return ports.map((port) => ({
    ...port,
    protocol: port.protocol || "TCP",
    targetPort: port.targetPort || port.port,
  }));
}

/**
 * One family unless two are asked for, or preferred by a Service that no API server has seen yet (clusterIPs is not written by
 * hand). A headless Service without a selector may be of families that the cluster has not.
 */
function familiesOf(spec: ServiceSpec, clusterFamilies: readonly IpFamily[]): ServiceSpec {
  const addresses = givenClusterIps(spec);
  const isHeadless = addresses[0] === HEADLESS;
  const isFree = isHeadless && Object.keys(spec.selector ?? {}).length === 0;
  const given = (spec.ipFamilies ?? []) as IpFamily[];
  const named = isHeadless || addresses.length === 0 ? given : addresses.map(familyOf);
  const isDual = given.length === 2 || named.length === 2 || (isFree && given.length === 0);
  const ipFamilyPolicy = spec.ipFamilyPolicy || (isDual ? "RequireDualStack" : "SingleStack");
  const primary = named[0] ?? given[0] ?? clusterFamilies[0] ?? "IPv4";
  const isStored = (spec.clusterIPs ?? []).length > 0;
  const prefersBoth = ipFamilyPolicy === "PreferDualStack" && clusterFamilies.length === 2 && !isStored;
  const wantsBoth = named.length === 2 || ipFamilyPolicy === "RequireDualStack" || prefersBoth || (isFree && isDual);
  const ipFamilies = wantsBoth ? [primary, ...FAMILIES.filter((family) => family !== primary)] : [primary];
  return { ipFamilies, ipFamilyPolicy };
}
