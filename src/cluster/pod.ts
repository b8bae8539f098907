/** Pods: where they run and under which addresses. */

import type { V1Pod } from "../manifest/kubernetes.ts";
import { canonicalAddress } from "../network/address.ts";
import { nameOf, namespaceOf, stringMap } from "./metadata.ts";
import type { ClusterPod } from "./types.ts";

export function clusterPod({ metadata, spec, status }: V1Pod): ClusterPod {
  return {
    namespace: namespaceOf(metadata),
    name: nameOf(metadata),
    ...(spec?.nodeName ? { node: spec.nodeName } : {}),
    addresses: podAddresses(status),
    hostNetwork: spec?.hostNetwork ?? false,
    labels: stringMap(metadata?.labels),
  };
}

/** podIPs, else the older podIP alone. */
export function podAddresses(status: V1Pod["status"]): string[] {
  const given = (status?.podIPs ?? []).map(({ ip }) => ip ?? "");
  return (given.length > 0 ? given : [status?.podIP ?? ""]).flatMap((ip) => canonicalAddress(ip) ?? []);
}
