/** What the schema of a Service cannot say: fields that exclude, need or contradict each other (the API server's ValidateService). */

import type { V1Service } from "../kubernetes.ts";
import { cidrFaults } from "./addresses.ts";
import { forbidden, invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkLabels } from "./labels.ts";
import { qualifiedNameFaults, subdomainFaults } from "./names.ts";
import { checkClusterIps, clusterIpsOf, isHeadless, writtenAt } from "./service-addresses.ts";
import { checkServicePorts } from "./service-ports.ts";
import { checkLoadBalancerStatus } from "./service-status.ts";
import { checkTraffic } from "./service-traffic.ts";
import { specialFaults } from "./special-addresses.ts";

export type ServiceSpec = NonNullable<V1Service["spec"]>;

const SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";
const TOPOLOGY_HINTS_ANNOTATION = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE_ANNOTATION = "service.kubernetes.io/topology-mode";
const ONLY_LOAD_BALANCER = forbidden("may only be used when `type` is 'LoadBalancer'");

/** Valid only for an object whose fields are of their types. What is not given has the API server's default. */
export function checkService(service: V1Service, report: Report): void {
  const spec = service.spec ?? {};
  checkTopologyAnnotations(service.metadata?.annotations ?? {}, report);
  checkType(spec, report);
  checkServicePorts(spec, report);
  checkLabels(spec.selector, ["spec", "selector"], report);
  checkClusterIps(spec, report);
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    for (const reason of specialFaults(address))
      report({ path: ["spec", "externalIPs", index], message: invalidValue(address, reason) });
  }
  checkLoadBalancerFields(service, spec, report);
  checkTraffic(spec, report);
  checkLoadBalancerStatus(service, report);
}

function checkTopologyAnnotations(annotations: Readonly<Record<string, string>>, report: Report): void {
  const hints = annotations[TOPOLOGY_HINTS_ANNOTATION];
  const mode = annotations[TOPOLOGY_MODE_ANNOTATION];
  if (hints === undefined || mode === undefined || hints === mode) return;
  const message = invalidValue(mode, `must match annotations[${TOPOLOGY_HINTS_ANNOTATION}] when both are specified`);
  report({ path: ["metadata", "annotations", TOPOLOGY_MODE_ANNOTATION], message });
}

function checkType(spec: ServiceSpec, report: Report): void {
  const { type } = spec;
  if ((spec.ports ?? []).length === 0 && !isHeadless(spec) && type !== "ExternalName") {
    report({ path: ["spec", "ports"], message: requiredValue() });
  }
  if ((type === "LoadBalancer" || type === "NodePort") && isHeadless(spec)) {
    const message = invalidValue("None", `may not be set to 'None' for ${type} services`);
    report({ path: ["spec", "clusterIPs", 0], ...writtenAt(spec), message });
  }
  if (type === "ExternalName") checkExternalName(spec, report);
}

function checkExternalName(spec: ServiceSpec, report: Report): void {
  const message = forbidden("may not be set for ExternalName services");
  if (clusterIpsOf(spec).length > 0) report({ path: ["spec", "clusterIPs"], ...writtenAt(spec), message });
  if ((spec.ipFamilies ?? []).length > 0) report({ path: ["spec", "ipFamilies"], message });
  if (spec.ipFamilyPolicy) report({ path: ["spec", "ipFamilyPolicy"], message });
  const path = ["spec", "externalName"];
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") report({ path, message: requiredValue() });
  else for (const reason of subdomainFaults(name)) report({ path, message: invalidValue(name, reason) });
}

function checkLoadBalancerFields(service: V1Service, spec: ServiceSpec, report: Report): void {
  const isLoadBalancer = spec.type === "LoadBalancer";
  const { loadBalancerClass } = spec;
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) checkSourceRanges(spec, isLoadBalancer, report);
  else checkSourceRangesAnnotation(service, isLoadBalancer, report);
  if (!isLoadBalancer && (spec.allocateLoadBalancerNodePorts ?? undefined) !== undefined) {
    report({ path: ["spec", "allocateLoadBalancerNodePorts"], message: ONLY_LOAD_BALANCER });
  }
  if ((loadBalancerClass ?? undefined) === undefined) return;
  const path = ["spec", "loadBalancerClass"];
  if (!isLoadBalancer) report({ path, message: ONLY_LOAD_BALANCER });
  else
    for (const reason of qualifiedNameFaults(loadBalancerClass ?? ""))
      report({ path, message: invalidValue(loadBalancerClass, reason) });
}

/** The API server writes this field's path with a capital. Ranges may have spaces around them. */
function checkSourceRanges({ loadBalancerSourceRanges }: ServiceSpec, isLoadBalancer: boolean, report: Report): void {
  const path = ["spec", "LoadBalancerSourceRanges"];
  const at = ["spec", "loadBalancerSourceRanges"];
  if (!isLoadBalancer) report({ path, at, message: ONLY_LOAD_BALANCER });
  for (const [index, range] of (loadBalancerSourceRanges ?? []).entries()) {
    for (const reason of cidrFaults(range.trim())) {
      report({ path: [...path, index], at: [...at, index], message: invalidValue(range.trim(), reason) });
    }
  }
}

/** The field's forerunner still counts where the field is not given. */
function checkSourceRangesAnnotation({ metadata }: V1Service, isLoadBalancer: boolean, report: Report): void {
  const ranges = metadata?.annotations?.[SOURCE_RANGES_ANNOTATION] ?? undefined;
  if (ranges === undefined) return;
  const path = ["metadata", "annotations", SOURCE_RANGES_ANNOTATION];
  if (!isLoadBalancer) report({ path, message: ONLY_LOAD_BALANCER });
  if (ranges.trim() === "") return;
  for (const range of ranges.split(",").map((text) => text.trim())) {
    for (const reason of cidrFaults(range)) report({ path, message: invalidValue(range, reason) });
  }
}
