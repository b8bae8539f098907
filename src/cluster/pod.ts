/** Pods: where they run and under which addresses. */

import type { V1Pod } from "../manifest/kubernetes.ts";
import { canonicalAddress } from "../network/address.ts";
import { nameOf, namespaceOf, stringMap } from "./metadata.ts";
import type { ClusterPod, PodDnsConfig } from "./types.ts";

type Spec = NonNullable<V1Pod["spec"]>;

export function clusterPod({ metadata, spec, status }: V1Pod): ClusterPod {
  return {
    namespace: namespaceOf(metadata),
    name: nameOf(metadata),
    ...(spec?.nodeName ? { node: spec.nodeName } : {}),
    addresses: podAddresses(status),
    hostNetwork: spec?.hostNetwork ?? false,
    labels: stringMap(metadata?.labels),
    ...(spec?.dnsPolicy ? { dnsPolicy: spec.dnsPolicy } : {}),
    ...(spec?.dnsConfig ? { dnsConfig: dnsConfig(spec.dnsConfig) } : {}),
    ...(spec?.enableServiceLinks === false ? { enableServiceLinks: false } : {}),
  };
}

function dnsConfig({ nameservers, searches, options }: NonNullable<Spec["dnsConfig"]>): PodDnsConfig {
  return {
    nameservers: nameservers ?? [],
    searches: searches ?? [],
    options: (options ?? []).map(({ name, value }) => ({ name: name ?? "", ...(value ? { value } : {}) })),
  };
}

/** podIPs, else the older podIP alone. */
export function podAddresses(status: V1Pod["status"]): string[] {
  const given = (status?.podIPs ?? []).map(({ ip }) => ip ?? "");
  return (given.length > 0 ? given : [status?.podIP ?? ""]).flatMap((ip) => canonicalAddress(ip) ?? []);
}
