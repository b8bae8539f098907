/** What may not change: an object held against its former self (the API server's Validate…Update functions). */

import type { V1EndpointSlice, V1Node, V1Service, Workload } from "../kubernetes.ts";
import { formatPath } from "../position.ts";
import type { Located, Manifests, Problem } from "../types.ts";
import { forbidden, invalidValue } from "./errors.ts";
import type { Finding, Report } from "./finding.ts";
import { checkServiceUpdate } from "./service-update.ts";

type Check<T> = (after: T, before: T, report: Report) => void;

/** What applying `after` over `before` breaks. An object that only one of them has is new, or stays as it is. */
export function checkUpdate(after: Manifests, before: Manifests): Problem[] {
  return [
    ...compare<V1Service>(after.services, before.services, "Service", checkServiceUpdate),
    ...compare<V1EndpointSlice>(after.endpointSlices, before.endpointSlices, "EndpointSlice", checkSliceUpdate),
    ...compare<V1Node>(after.nodes, before.nodes, "Node", checkNodeUpdate),
    ...compare<Workload>(after.deployments, before.deployments, "Deployment", checkSelectorUpdate),
    ...compare<Workload>(after.replicaSets, before.replicaSets, "ReplicaSet", checkSelectorUpdate),
    ...compare<Workload>(after.daemonSets, before.daemonSets, "DaemonSet", checkSelectorUpdate),
    ...compare<Workload>(after.statefulSets, before.statefulSets, "StatefulSet", checkStatefulSetUpdate),
  ];
}

function compare<T extends { readonly metadata?: { name?: string; namespace?: string } | null }>(
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
    check(located.object, former, report);
  }
  return problems;
}

function nameOf({ metadata }: { readonly metadata?: { name?: string; namespace?: string } | null }): string {
  return metadata?.namespace === undefined ? `${metadata?.name}` : `${metadata.namespace}/${metadata.name}`;
}

function problemOf<T>(located: Located<T>, object: string, { path, at, message }: Finding): Problem {
  const place = located.placeOf(formatPath(at ?? path));
  return { severity: "error", place, object, path: formatPath(path), message };
}

function checkSliceUpdate(after: V1EndpointSlice, before: V1EndpointSlice, report: Report): void {
  if (after.addressType === before.addressType) return;
  report({ path: ["addressType"], message: invalidValue(after.addressType, "field is immutable") });
}

/** Ranges are given once; a manifest that does not name them keeps them. */
function checkNodeUpdate(after: V1Node, before: V1Node, report: Report): void {
  const given = podCidrsOf(after);
  const former = podCidrsOf(before);
  if (former.length === 0 || given.length === 0 || String(given) === String(former)) return;
  const message = forbidden('node updates may not change podCIDR except from "" to valid');
  report({ path: ["spec", "podCIDRs"], ...(after.spec?.podCIDRs?.length ? {} : { at: ["spec", "podCIDR"] }), message });
}

function podCidrsOf({ spec }: V1Node): readonly string[] {
  return spec?.podCIDRs?.length ? spec.podCIDRs : spec?.podCIDR ? [spec.podCIDR] : [];
}

function checkSelectorUpdate(after: Workload, before: Workload, report: Report): void {
  if (canonical(after.spec.selector) === canonical(before.spec.selector)) return;
  report({ path: ["spec", "selector"], message: invalidValue(after.spec.selector, "field is immutable") });
}

function checkStatefulSetUpdate(after: Workload, before: Workload, report: Report): void {
  const fixed = ({ spec }: Workload) =>
    canonical([spec.selector, (spec as { serviceName?: string }).serviceName ?? ""]);
  if (fixed(after) === fixed(before)) return;
  const mutable =
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
  report({
    path: ["spec"],
    message: forbidden(`updates to statefulset spec for fields other than ${mutable} are forbidden`),
  });
}

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
