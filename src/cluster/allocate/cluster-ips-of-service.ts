/** A Service's cluster IPs, one of each of its families. */

import { familyOf } from "../../network/address.ts";
import { HEADLESS } from "../service.ts";
import type { IpFamily } from "../types.ts";
import type { ClusterIpAllocator } from "./cluster-ip.ts";
import { givenClusterIps, type ServiceSpec } from "./defaults.ts";
import type { ReportField } from "./services.ts";

export function reserveClusterIps(
  spec: ServiceSpec,
  service: string,
  allocator: ClusterIpAllocator,
  report: ReportField,
): void {
  const given = givenClusterIps(spec);
  if (given[0] === HEADLESS) return;
  for (const address of given) {
    const refusal = allocator.reserve(address, service);
    if (refusal === undefined) continue;
    const path = (spec.clusterIPs ?? []).length > 0 ? "spec.clusterIPs" : "spec.clusterIP";
    const message = `Invalid value: ${JSON.stringify(given)}: failed to allocate IP ${address}: ${refusal.reason}`;
    report(path, message, refusal.remedy);
  }
}

/** `service` is its name, by which the allocator chooses. */
export function allocateClusterIps(
  spec: ServiceSpec,
  service: string,
  allocator: ClusterIpAllocator,
  report: ReportField,
): ServiceSpec {
  const given = givenClusterIps(spec);
  if (given[0] === HEADLESS) return { ...spec, clusterIP: HEADLESS, clusterIPs: [HEADLESS] };
  const families = (spec.ipFamilies ?? []) as IpFamily[];
  if (!isConfigured(spec, families, given.length, allocator.families(), report)) return spec;
  const addresses: string[] = [];
  for (const family of families) {
    const address = given.find((candidate) => familyOf(candidate) === family) ?? allocator.allocate(family, service);
    if (address !== undefined) addresses.push(address);
    else report("spec.clusterIPs", "Internal error occurred: failed to allocate a serviceIP: range is full");
  }
  return isStored(spec, addresses) ? spec : { ...spec, clusterIP: addresses[0] ?? "", clusterIPs: addresses };
}

/** Both fields are written out already. */
function isStored({ clusterIP, clusterIPs }: ServiceSpec, addresses: readonly string[]): boolean {
  if (clusterIP !== addresses[0] || clusterIPs?.length !== addresses.length) return false;
  return addresses.every((address, index) => clusterIPs?.[index] === address);
}

/** Addresses that are all given are nobody's to refuse. */
function isConfigured(
  spec: ServiceSpec,
  families: readonly IpFamily[],
  given: number,
  clusterFamilies: readonly IpFamily[],
  report: ReportField,
): boolean {
  if (given === families.length && given > 0 && (given === 2 || spec.ipFamilyPolicy !== "RequireDualStack"))
    return true;
  if (spec.ipFamilyPolicy === "RequireDualStack" && clusterFamilies.length < 2) {
    const message = "Cluster is not configured for dual-stack services";
    report("spec.ipFamilyPolicy", `Invalid value: "RequireDualStack": ${message}`);
    return false;
  }
  const missing = families.findIndex((family) => !clusterFamilies.includes(family));
  if (missing < 0) return true;
  report(`spec.ipFamilies[${missing}]`, `Invalid value: "${families[missing]}": not configured on this cluster`);
  return false;
}
