/** EndpointSlices as given, with the API's defaults for conditions and ports. */

import type { V1EndpointSlice } from "../manifest/kubernetes.ts";
import { canonicalAddresses } from "../network/address.ts";
import { nameOf, namespaceOf } from "./metadata.ts";
import type { Protocol, Slice, SliceEndpoint, Writable } from "./types.ts";

export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
export const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";
export const HEADLESS_LABEL = "service.kubernetes.io/headless";

type Given = NonNullable<V1EndpointSlice["endpoints"]>[number];
type GivenPort = NonNullable<V1EndpointSlice["ports"]>[number];
/** Newer than kubernetes-types: hints name nodes too (KEP-3015). */
type Hints = {
  readonly forZones?: readonly { name: string }[] | null;
  readonly forNodes?: readonly { name: string }[] | null;
};

/** undefined for what kube-proxy does not read: slices of names (FQDN) and slices that belong to no Service. */
export function clusterSlice(slice: V1EndpointSlice): Slice | undefined {
  const service = slice.metadata?.labels?.[SERVICE_NAME_LABEL];
  const family = slice.addressType;
  if (!service || (family !== "IPv4" && family !== "IPv6")) return undefined;
  return {
    namespace: namespaceOf(slice.metadata),
    name: nameOf(slice.metadata),
    service,
    family,
    ports: (slice.ports ?? []).map(slicePort),
    endpoints: (slice.endpoints ?? []).map(sliceEndpoint),
  };
}

function slicePort({ name, protocol, port }: GivenPort): Slice["ports"][number] {
  const common = { name: name ?? "", protocol: (protocol || "TCP") as Protocol };
  return port ? { ...common, port } : common;
}

/** Optional fields are set one by one: a cluster has 100,000 endpoints, and spreading makes an object for each field. */
function sliceEndpoint({ addresses, conditions, nodeName, zone, hints, targetRef, hostname }: Given): SliceEndpoint {
  const endpoint: Writable<SliceEndpoint> = {
    addresses: canonicalAddresses(addresses),
    ready: conditions?.ready ?? true,
    serving: conditions?.serving ?? true,
    terminating: conditions?.terminating ?? false,
  };
  if (nodeName) endpoint.node = nodeName;
  if (zone) endpoint.zone = zone;
  if (hints) {
    const { forZones, forNodes } = hints as Hints;
    if (forZones) endpoint.zoneHints = forZones.map(({ name }) => name);
    if (forNodes) endpoint.nodeHints = forNodes.map(({ name }) => name);
  }
  if (targetRef?.kind === "Pod" && targetRef.name) endpoint.pod = targetRef.name;
  if (hostname) endpoint.hostname = hostname;
  return endpoint;
}
