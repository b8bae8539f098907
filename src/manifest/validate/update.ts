/** What may not change: an object held against its former self (the API server's Validate…Update functions). */

import type {
  ObjectMeta,
  V1EndpointSlice,
  V1Endpoints,
  V1IpAddress,
  V1Node,
  V1Pod,
  V1Service,
  V1ServiceCidr,
  Workload,
} from "../kubernetes.ts";
import { formatPath } from "../position.ts";
import type { Located, Manifests, Problem } from "../types.ts";
import { Allocations } from "./allocations.ts";
import { canonical } from "./changes.ts";
import { invalidValue } from "./errors.ts";
import type { Finding, Report } from "./finding.ts";
import { checkIpAddressUpdate } from "./ip-address.ts";
import { checkNodeUpdate } from "./node.ts";
import { checkPodUpdate } from "./pod-update.ts";
import { checkServiceCidrUpdate } from "./service-cidr.ts";
import { checkServiceUpdate } from "./service-update.ts";
import { checkStatefulSetUpdate } from "./stateful-set-update.ts";

type Check<T> = (after: T, before: T, report: Report) => void;

/** What applying `after` over `before` breaks. An object that only one of them has is new, or stays as it is. */
export function checkUpdate(after: Manifests, before: Manifests): Problem[] {
  return [
    ...checkAllocations(after.services, before.services),
    ...compare<V1Service>(after.services, before.services, "Service", checkServiceUpdate),
    ...compare<V1EndpointSlice>(after.endpointSlices, before.endpointSlices, "EndpointSlice", checkSliceUpdate),
    ...compare<V1Endpoints>(after.endpoints, before.endpoints, "Endpoints", anythingGoes),
    ...compare<V1Pod>(after.pods, before.pods, "Pod", checkPodUpdate),
    ...compare<V1ServiceCidr>(after.serviceCidrs, before.serviceCidrs, "ServiceCIDR", checkServiceCidrUpdate),
    ...compare<V1IpAddress>(after.ipAddresses, before.ipAddresses, "IPAddress", checkIpAddressUpdate),
    ...compare<V1Node>(after.nodes, before.nodes, "Node", checkNodeUpdate),
    ...compare<Workload>(after.deployments, before.deployments, "Deployment", checkSelectorUpdate),
    ...compare<Workload>(after.replicaSets, before.replicaSets, "ReplicaSet", checkSelectorUpdate),
    ...compare<Workload>(after.daemonSets, before.daemonSets, "DaemonSet", checkSelectorUpdate),
    ...compare<Workload>(after.statefulSets, before.statefulSets, "StatefulSet", checkStatefulSetUpdate),
  ];
}

/** What a Service that stays has is not free for one that comes. */
function checkAllocations(after: readonly Located<V1Service>[], before: readonly Located<V1Service>[]): Problem[] {
  const given = new Set(after.map(({ object }) => nameOf(object)));
  const allocations = new Allocations();
  for (const { object } of before) if (!given.has(nameOf(object))) allocations.take(object, () => {});
  const problems: Problem[] = [];
  for (const located of after) {
    const name = `Service "${nameOf(located.object)}"`;
    allocations.take(located.object, (finding) => problems.push(problemOf(located, name, finding)));
  }
  return problems;
}

interface Named {
  readonly metadata?: ObjectMeta | null;
}

function compare<T extends Named>(
  after: readonly Located<T>[],
  before: readonly Located<T>[],
  kind: string,
  check: Check<T>,
): Problem[] {
  const known = new Map(before.map(({ object }) => [nameOf(object), object]));
  const problems: Problem[] = [];
  for (const located of after) {
    const name = nameOf(located.object);
    const former = known.get(name);
    if (former === undefined) continue;
    const report = (finding: Finding) => problems.push(problemOf(located, `${kind} "${name}"`, finding));
    checkMetadataUpdate(located.object, former, report);
    check(located.object, former, report);
  }
  return problems;
}

function nameOf({ metadata }: Named): string {
  return metadata?.namespace === undefined ? `${metadata?.name}` : `${metadata.namespace}/${metadata.name}`;
}

function problemOf<T>(located: Located<T>, object: string, { path, at, message, remedy }: Finding): Problem {
  const place = located.placeOf(formatPath(at ?? path));
  return { severity: "error", place, object, path: formatPath(path), message, ...(remedy ? { remedy } : {}) };
}

/** ValidateObjectMetaUpdate: what only the API server writes, where a manifest carries it. */
function checkMetadataUpdate(after: Named, before: Named, report: Report): void {
  for (const field of ["uid", "creationTimestamp"] as const) {
    const given = after.metadata?.[field];
    if (!given || !before.metadata?.[field] || given === before.metadata[field]) continue;
    report({ path: ["metadata", field], message: invalidValue(given, "field is immutable") });
  }
}

function checkSliceUpdate(after: V1EndpointSlice, before: V1EndpointSlice, report: Report): void {
  if (after.addressType === before.addressType) return;
  report({ path: ["addressType"], message: invalidValue(after.addressType, "field is immutable") });
}

/** Only metadata stays. */
function anythingGoes(): void {}

function checkSelectorUpdate(after: Workload, before: Workload, report: Report): void {
  if (canonical(after.spec.selector) === canonical(before.spec.selector)) return;
  report({ path: ["spec", "selector"], message: invalidValue(after.spec.selector, "field is immutable") });
}
