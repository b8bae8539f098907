/** A Service's fields that the API server fills in (pkg/apis/core/v1/defaults.go, pkg/registry/core/service/storage). */

import type { V1Service } from "../../manifest/kubernetes.ts";
import { canonicalAddresses, familyOf } from "../../network/address.ts";
import { AFFINITY_TIMEOUT_SECONDS, HEADLESS } from "../service.ts";
import type { IpFamily } from "../types.ts";

export type ServiceSpec = NonNullable<V1Service["spec"]>;
type Port = NonNullable<ServiceSpec["ports"]>[number];

const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];

/** Everything but what must be allocated. Object.assign, because adding fields to a spread copy costs ten times as much. */
export function withDefaults(spec: ServiceSpec, clusterFamilies: readonly IpFamily[]): ServiceSpec {
  const type = spec.type || "ClusterIP";
  const filled: ServiceSpec = { type };
  fillInAffinity(spec, filled);
  if (spec.ports) filled.ports = spec.ports.map(withPortDefaults);
  if (type !== "ExternalName") {
    filled.internalTrafficPolicy = spec.internalTrafficPolicy || "Cluster";
    if (type !== "ClusterIP") filled.externalTrafficPolicy = spec.externalTrafficPolicy || "Cluster";
    if (type === "LoadBalancer") filled.allocateLoadBalancerNodePorts = spec.allocateLoadBalancerNodePorts ?? true;
    fillInFamilies(spec, clusterFamilies, filled);
  }
  return Object.assign({}, spec, filled);
}

/** The addresses that the manifest gives, "None" among them. */
export function givenClusterIps({ clusterIP, clusterIPs }: ServiceSpec): readonly string[] {
  const given = (clusterIPs ?? []).length > 0 ? (clusterIPs ?? []) : [clusterIP ?? ""];
  return given.includes(HEADLESS) ? [HEADLESS] : canonicalAddresses(given);
}

function fillInAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec, filled: ServiceSpec): void {
  filled.sessionAffinity = sessionAffinity === "ClientIP" ? sessionAffinity : "None";
  if (sessionAffinity !== "ClientIP") return;
  const timeoutSeconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT_SECONDS;
  filled.sessionAffinityConfig = { clientIP: { timeoutSeconds } };
}

function withPortDefaults(port: Port): Port {
  if (port.protocol && port.targetPort) return port;
  return { ...port, protocol: port.protocol || "TCP", targetPort: port.targetPort || port.port };
}

/**
 * One family unless two are asked for, or preferred by a Service that no API server has seen yet (clusterIPs is not written by
 * hand). A headless Service without a selector may be of families that the cluster has not.
 */
function fillInFamilies(spec: ServiceSpec, clusterFamilies: readonly IpFamily[], filled: ServiceSpec): void {
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
  filled.ipFamilies = wantsBoth ? [primary, ...FAMILIES.filter((family) => family !== primary)] : [primary];
  filled.ipFamilyPolicy = ipFamilyPolicy;
}
