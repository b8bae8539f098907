/** A cluster from manifests that are complete already, as an API server stores them: no defaults, no checks. */

import { load, loadAll } from "js-yaml";
import type { Cluster, ClusterService, Slice, SliceEndpoint } from "../../src/cluster/types.ts";
import type { ProxyConfiguration } from "../../src/proxy/types.ts";

// biome-ignore lint/suspicious/noExplicitAny: manifests of tests are trusted
type Manifest = any;

export function plainCluster(yaml: string): Cluster {
  const objects: Manifest[] = loadAll(yaml).flatMap((object: Manifest) => object?.items ?? [object]);
  const ofKind = (kind: string) => objects.filter((object) => object?.kind === kind);
  return {
    nodes: ofKind("Node").map((node) => ({
      name: node.metadata.name,
      addresses: ["InternalIP", "ExternalIP"].flatMap((type) =>
        node.status.addresses.filter((a: Manifest) => a.type === type).map((a: Manifest) => a.address),
      ),
      podCidrs: node.spec?.podCIDRs ?? [],
      labels: node.metadata.labels ?? {},
      ...optional("zone", node.metadata.labels?.["topology.kubernetes.io/zone"]),
    })),
    services: ofKind("Service").map(service),
    endpointSlices: ofKind("EndpointSlice").map(slice),
    pods: [],
  };
}

export function plainConfiguration(text: string): ProxyConfiguration {
  const config = load(text) as Manifest;
  return {
    mode: config.mode,
    detectLocalMode: config.detectLocalMode || "ClusterCIDR",
    clusterCidrs: config.clusterCIDR ? config.clusterCIDR.split(",") : [],
    ...optional("bridgeInterface", config.detectLocal?.bridgeInterface),
    ...optional("interfaceNamePrefix", config.detectLocal?.interfaceNamePrefix),
    nodePortAddresses: config.nodePortAddresses ?? [],
    masqueradeAll: config.nftables?.masqueradeAll ?? false,
    masqueradeBit: config.nftables?.masqueradeBit ?? 14,
    localhostNodePorts: false,
  };
}

function service({ metadata, spec, status }: Manifest): ClusterService {
  return {
    namespace: metadata.namespace ?? "default",
    name: metadata.name,
    type: spec.type ?? "ClusterIP",
    clusterIps: spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []),
    externalIps: spec.externalIPs ?? [],
    loadBalancerIngress: (status?.loadBalancer?.ingress ?? [])
      .filter((ingress: Manifest) => ingress.ip)
      .map((ingress: Manifest) => ({
        ip: ingress.ip,
        ipMode: ingress.ipMode ?? "VIP",
      })),
    loadBalancerSourceRanges: spec.loadBalancerSourceRanges ?? [],
    ports: (spec.ports ?? []).map((port: Manifest) => ({
      name: port.name ?? "",
      protocol: port.protocol ?? "TCP",
      port: port.port,
      targetPort: port.targetPort ?? port.port,
      ...optional("nodePort", port.nodePort),
    })),
    ...optional(
      "affinityTimeoutSeconds",
      spec.sessionAffinity === "ClientIP" ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : undefined,
    ),
    externalTrafficPolicy: spec.externalTrafficPolicy ?? "Cluster",
    internalTrafficPolicy: spec.internalTrafficPolicy ?? "Cluster",
    publishNotReadyAddresses: spec.publishNotReadyAddresses ?? false,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    selector: spec.selector ?? {},
  };
}

function slice({ metadata, addressType, ports, endpoints }: Manifest): Slice {
  return {
    namespace: metadata.namespace ?? "default",
    name: metadata.name,
    service: metadata.labels["kubernetes.io/service-name"],
    family: addressType,
    ports: (ports ?? []).map((port: Manifest) => ({
      name: port.name ?? "",
      protocol: port.protocol ?? "TCP",
      ...optional("port", port.port),
    })),
    endpoints: (endpoints ?? []).map(endpoint),
  };
}

function endpoint({ addresses, conditions, nodeName, hints }: Manifest): SliceEndpoint {
  const ready = conditions?.ready ?? true;
  return {
    addresses,
    ready,
    serving: conditions?.serving ?? ready,
    terminating: conditions?.terminating ?? false,
    ...optional("node", nodeName),
    ...optional(
      "zoneHints",
      hints?.forZones?.map((zone: Manifest) => zone.name),
    ),
    ...optional(
      "nodeHints",
      hints?.forNodes?.map((node: Manifest) => node.name),
    ),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined || value === null ? {} : ({ [key]: value } as { [key in K]: V });
}
