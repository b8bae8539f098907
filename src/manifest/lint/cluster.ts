/** Warnings that need more than one object: Services that nothing answers for. Nothing is said of what the manifests leave out. */

import type { V1EndpointSlice, V1Pod, V1Service } from "../kubernetes.ts";
import type { Segment } from "../position.ts";
import type { Located, Manifests } from "../types.ts";
import { isHeadless } from "../validate/service-addresses.ts";
import type { Warn } from "./lint.ts";
import { type Selectable, SelectableIndex, selectables } from "./selectable.ts";

const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

export function lintCluster(manifests: Manifests, warn: Warn): void {
  const index = new SelectableIndex(selectables(manifests));
  const slices = slicesByService(manifests.endpointSlices);
  const nodePorts = new Map<number, string>();
  for (const located of manifests.services) {
    const say = (path: readonly Segment[], message: string, remedy?: string): void => {
      warn(located, "Service", { path, message, ...(remedy === undefined ? {} : { remedy }) });
    };
    lintSelector(located.object, index, say);
    lintEndpoints(located.object, slices.get(keyOf(located.object)) ?? [], say);
    lintNodePorts(located.object, nodePorts, say);
  }
  if (manifests.services.length > 0) lintOrphans(manifests, warn);
}

type Say = (path: readonly Segment[], message: string, remedy?: string) => void;

/** A Service finds pods, and finds its ports in them. */
function lintSelector(service: V1Service, index: SelectableIndex, say: Say): void {
  const spec = service.spec ?? {};
  const selector = spec.selector ?? {};
  if (index.isEmpty || Object.keys(selector).length === 0 || spec.type === "ExternalName") return;
  const selected = index.select(service.metadata?.namespace ?? "", selector);
  if (selected.length === 0) {
    say(["spec", "selector"], "selects no pod of these manifests");
    return;
  }
  for (const [at, { targetPort, protocol }] of (spec.ports ?? []).entries()) {
    if (typeof targetPort !== "string" || targetPort === "") continue;
    if (selected.some((pod) => hasPort(pod, targetPort, protocol || "TCP"))) continue;
    const message = `no container of the selected pods has a ${protocol || "TCP"} port named "${targetPort}"`;
    say(["spec", "ports", at, "targetPort"], message);
  }
}

function hasPort({ spec }: Selectable, name: string, protocol: string): boolean {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.some(({ ports }) =>
    (ports ?? []).some((port) => port.name === name && (port.protocol || "TCP") === protocol),
  );
}

/** Endpoints that Local can find, and each of them once. */
function lintEndpoints(service: V1Service, slices: readonly V1EndpointSlice[], say: Say): void {
  const spec = service.spec ?? {};
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  if (endpoints.length === 0 || isHeadless(spec)) return;
  for (const field of ["externalTrafficPolicy", "internalTrafficPolicy"] as const) {
    if (spec[field] !== "Local" || endpoints.some(({ nodeName }) => nodeName)) continue;
    say(["spec", field], "no endpoint has a nodeName: none is local anywhere, and nothing is let through");
  }
  const seenByPorts = new Map<string, Set<string | undefined>>();
  for (const slice of slices) {
    const ports = JSON.stringify((slice.ports ?? []).map(({ name, port, protocol }) => [name, port, protocol]));
    const seen = seenByPorts.get(ports) ?? new Set();
    seenByPorts.set(ports, seen);
    for (const { addresses } of slice.endpoints ?? []) {
      if (seen.has(addresses[0])) say([], `endpoint ${addresses[0]} is listed twice`, "kube-proxy counts it once");
      seen.add(addresses[0]);
    }
  }
}

/** The API server's allocator knows no protocols; kube-proxy does, and serves both Services. `owners` grows. */
function lintNodePorts(service: V1Service, owners: Map<number, string>, say: Say): void {
  const key = keyOf(service);
  for (const [index, { nodePort }] of (service.spec?.ports ?? []).entries()) {
    if (!nodePort) continue;
    const owner = owners.get(nodePort) ?? key;
    owners.set(nodePort, owner);
    if (owner === key) continue;
    const message = `${nodePort} is also a node port of Service "${owner}"`;
    const remedy = "an API server gives a number to one Service, whatever the protocol";
    say(["spec", "ports", index, "nodePort"], message, remedy);
  }
}

/** Slices that belong to no Service are read by nobody. */
function lintOrphans({ services, endpointSlices }: Manifests, warn: Warn): void {
  const known = new Set(services.map(({ object }) => keyOf(object)));
  for (const located of endpointSlices) {
    const name = located.object.metadata?.labels?.[SERVICE_NAME_LABEL];
    const namespace = located.object.metadata?.namespace;
    if (!name) {
      const message = `no label ${SERVICE_NAME_LABEL}: it belongs to no Service`;
      warn(located, "EndpointSlice", { path: ["metadata", "labels"], message });
    } else if (!known.has(`${namespace}/${name}`)) {
      const message = `there is no Service "${namespace}/${name}" in these manifests`;
      warn(located, "EndpointSlice", { path: ["metadata", "labels", SERVICE_NAME_LABEL], message });
    }
  }
}

function slicesByService(slices: readonly Located<V1EndpointSlice>[]): Map<string, V1EndpointSlice[]> {
  const groups = new Map<string, V1EndpointSlice[]>();
  for (const { object } of slices) {
    const key = `${object.metadata?.namespace}/${object.metadata?.labels?.[SERVICE_NAME_LABEL]}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [object]);
    else group.push(object);
  }
  return groups;
}

function keyOf({ metadata }: V1Service | V1Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
