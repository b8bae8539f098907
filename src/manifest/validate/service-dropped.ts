/** What an update leaves behind when a Service's type changes (the API server's dropTypeDependentFields). */

import type { V1Service } from "../kubernetes.ts";
import { canonical } from "./changes.ts";
import type { ServiceSpec } from "./service.ts";
import { clusterIpsOf } from "./service-addresses.ts";
import { needsHealthCheck } from "./service-traffic.ts";

type Field = keyof ServiceSpec;

/** Fields that are dropped as they are when the new type has no use for them. */
const DEPENDENT: readonly { readonly field: Field; readonly isUsedBy: (spec: ServiceSpec) => boolean }[] = [
  { field: "ipFamilies", isUsedBy: needsClusterIp },
  { field: "ipFamilyPolicy", isUsedBy: needsClusterIp },
  { field: "healthCheckNodePort", isUsedBy: needsHealthCheck },
  { field: "allocateLoadBalancerNodePorts", isUsedBy: isLoadBalancer },
  { field: "loadBalancerClass", isUsedBy: isLoadBalancer },
  { field: "externalTrafficPolicy", isUsedBy: needsNodePort },
];

/** Takes out of `after` what its type no longer uses, unless it says otherwise than `before`: then validation tells of it. */
export function dropTypeDependentFields(after: V1Service, before: V1Service): void {
  const { spec } = after;
  const former = before.spec;
  if (!spec || !former) return;
  const isLeft = (isUsedBy: (spec: ServiceSpec) => boolean) => isUsedBy(former) && !isUsedBy(spec);
  const dropped = DEPENDENT.filter(({ field, isUsedBy }) => isLeft(isUsedBy) && isSame(spec[field], former[field]));
  if (isLeft(needsClusterIp) && isSame(clusterIpsOf(spec), clusterIpsOf(former))) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  if (isLeft(needsNodePort) && addsNoNodePort(spec, former)) for (const port of spec.ports ?? []) delete port.nodePort;
  for (const { field } of dropped) delete spec[field];
}

function isSame(after: unknown, before: unknown): boolean {
  return canonical(after ?? null) === canonical(before ?? null);
}

function addsNoNodePort(spec: ServiceSpec, former: ServiceSpec): boolean {
  const formerly = new Set((former.ports ?? []).map(({ nodePort }) => nodePort));
  return (spec.ports ?? []).every(({ nodePort }) => !nodePort || formerly.has(nodePort));
}

function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== "ExternalName";
}

function needsNodePort({ type }: ServiceSpec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

function isLoadBalancer({ type }: ServiceSpec): boolean {
  return type === "LoadBalancer";
}
