/** What of a Service stays once it is set (ValidateServiceUpdate), after the API server has filled in what was allocated before. */

import type { V1Service } from "../kubernetes.ts";
import { forbidden, invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import type { ServiceSpec } from "./service.ts";
import { clusterIpsOf, isHeadless, writtenAt } from "./service-addresses.ts";
import { needsHealthCheck } from "./service-traffic.ts";

export function checkServiceUpdate(after: V1Service, before: V1Service, report: Report): void {
  const spec = after.spec ?? {};
  const former = before.spec ?? {};
  if (spec.type !== "ExternalName" && former.type !== "ExternalName") {
    checkClusterIps(spec, former, report);
    checkFamilies(spec, former, report);
  }
  if (spec.type === "LoadBalancer" && former.type === "LoadBalancer") {
    const { loadBalancerClass } = spec;
    if ((loadBalancerClass ?? null) !== (former.loadBalancerClass ?? null)) {
      const message = invalidValue(loadBalancerClass ?? "null", "may not change once set");
      report({ path: ["spec", "loadBalancerClass"], message });
    }
  }
  const ports = [spec.healthCheckNodePort || former.healthCheckNodePort || 0, former.healthCheckNodePort || 0];
  if (needsHealthCheck(spec) && needsHealthCheck(former) && ports[1] !== 0 && ports[0] !== ports[1]) {
    report({ path: ["spec", "healthCheckNodePort"], message: forbidden("field is immutable") });
  }
}

function checkClusterIps(spec: ServiceSpec, former: ServiceSpec, report: Report): void {
  if (isHeadless(spec) && isHeadless(former)) return;
  const addresses = keptClusterIps(spec, former);
  const formerly = clusterIpsOf(former);
  const changed = (index: number): void => {
    const message = invalidValue(addresses, "may not change once set");
    report({ path: ["spec", "clusterIPs", index], ...writtenAt(spec), message });
  };
  if (addresses.length === formerly.length) {
    for (const [index, address] of formerly.entries()) if (address !== addresses[index]) changed(index);
  } else if (formerly.length > 0 && addresses[0] !== formerly[0]) changed(0);
  if (formerly.length > addresses.length && spec.ipFamilyPolicy !== "SingleStack") releases("clusterIP", spec, report);
}

/** Not given, or only the first given and the same: as it was (patchAllocatedValues). */
function keptClusterIps(spec: ServiceSpec, former: ServiceSpec): readonly string[] {
  const given = spec.clusterIPs ?? [];
  if (given.length > 0) return given;
  const formerly = clusterIpsOf(former);
  if (!spec.clusterIP || spec.clusterIP === formerly[0]) {
    return spec.ipFamilyPolicy === "SingleStack" ? formerly.slice(0, 1) : formerly;
  }
  return [spec.clusterIP, ...formerly.slice(1)];
}

function checkFamilies(spec: ServiceSpec, former: ServiceSpec, report: Report): void {
  const families = spec.ipFamilies ?? [];
  const formerly = former.ipFamilies ?? [];
  if (isHeadless(spec) || isHeadless(former) || families.length === 0 || formerly.length === 0) return;
  const shared = families.length === formerly.length ? formerly.length : 1;
  for (let index = 0; index < shared; index++) {
    if (families[index] === formerly[index]) continue;
    report({ path: ["spec", "ipFamilies", 0], message: invalidValue(families, "may not change once set") });
  }
  if (formerly.length > families.length && spec.ipFamilyPolicy !== "SingleStack") releases("ipFamily", spec, report);
}

function releases(what: string, { ipFamilyPolicy }: ServiceSpec, report: Report): void {
  const reason = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  report({ path: ["spec", "ipFamilyPolicy"], message: invalidValue(ipFamilyPolicy || "null", reason) });
}
