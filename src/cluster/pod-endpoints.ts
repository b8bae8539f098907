/** Endpoints from pods, as the EndpointSlice controller makes them (staging endpointslice/utils.go and reconciler.go). */

import type { V1Pod } from "../manifest/kubernetes.ts";
import type { Located } from "../manifest/types.ts";
import { familyOf } from "../network/address.ts";
import { groupBy } from "./group.ts";
import { nameOf } from "./metadata.ts";
import { podAddresses } from "./pod.ts";
import { PodIndex } from "./pod-index.ts";
import { HEADLESS } from "./service.ts";
import type { ClusterService, IpFamily, Slice, SliceEndpoint } from "./types.ts";

type Zones = ReadonlyMap<string, string | undefined>;

/** Phases in which a pod's containers have ended for good. */
const TERMINAL_PHASES = ["Failed", "Succeeded"];
const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];

/** The slices of Services that have a selector: per Service, family and set of port numbers one. */
export function podSlices(services: readonly ClusterService[], pods: readonly Located<V1Pod>[], zones: Zones): Slice[] {
  const candidates = pods.map(({ object }) => object).filter(isEndpoint);
  if (services.length === 0 || candidates.length === 0) return [];
  const index = new PodIndex(candidates);
  return services.flatMap((service) => {
    const selected = index.select(service.namespace, service.selector);
    return familiesOf(service).flatMap((family) => slicesOf(service, family, selected, zones));
  });
}

function isEndpoint({ status }: V1Pod): boolean {
  return !TERMINAL_PHASES.includes(status?.phase ?? "") && podAddresses(status).length > 0;
}

/** A Service's families follow its addresses; a headless one takes what its pods have. */
function familiesOf({ clusterIps }: ClusterService): readonly IpFamily[] {
  if (clusterIps.length === 0 || clusterIps[0] === HEADLESS) return FAMILIES;
  return clusterIps.map(familyOf);
}

/** A named port may be another number in every pod, so pods are grouped by what their ports come to. */
function slicesOf(service: ClusterService, family: IpFamily, pods: readonly V1Pod[], zones: Zones): Slice[] {
  const inFamily = pods.filter((pod) => addressIn(pod, family) !== undefined);
  const groups = groupBy(inFamily, (pod) => JSON.stringify(portsOf(service, pod)));
  return [...groups].map(([ports, group], index) => ({
    namespace: service.namespace,
    name: `${service.name}-${family.toLowerCase()}-${index}`,
    service: service.name,
    family,
    ports: JSON.parse(ports) as Slice["ports"],
    endpoints: group.map((pod) => endpointOf(service, pod, family, zones)),
  }));
}

function addressIn(pod: V1Pod, family: IpFamily): string | undefined {
  return podAddresses(pod.status).find((address) => familyOf(address) === family);
}

/** A service port whose target name no container of the pod has is not served by it. */
function portsOf(service: ClusterService, pod: V1Pod): Slice["ports"] {
  return service.ports.flatMap(({ name, protocol, targetPort }) => {
    const port = typeof targetPort === "number" ? targetPort : containerPort(pod, targetPort, protocol);
    return port === undefined ? [] : [{ name, protocol, port }];
  });
}

/** Ordinary containers, then sidecars (init containers that are restarted always, KEP-753). */
function containerPort({ spec }: V1Pod, name: string, protocol: string): number | undefined {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const container of [...(spec?.containers ?? []), ...sidecars]) {
    const found = (container.ports ?? []).find((port) => port.name === name && (port.protocol || "TCP") === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

function endpointOf(service: ClusterService, pod: V1Pod, family: IpFamily, zones: Zones): SliceEndpoint {
  const serving = isReady(pod);
  const terminating = (pod.metadata?.deletionTimestamp ?? undefined) !== undefined;
  const ready = service.publishNotReadyAddresses || (serving && !terminating);
  const node = pod.spec?.nodeName || undefined;
  const zone = node === undefined ? undefined : zones.get(node);
  return {
    addresses: [addressIn(pod, family) ?? ""],
    ready,
    serving,
    terminating,
    ...(node === undefined ? {} : { node }),
    ...(zone === undefined ? {} : { zone }),
    ...(ready ? hintsOf(service.trafficDistribution, node, zone) : {}),
    pod: nameOf(pod.metadata),
    ...hostnameOf(service, pod.spec),
  };
}

/** A pod's host name counts below the Service that its subdomain names (ShouldSetHostname). */
function hostnameOf(service: ClusterService, spec: V1Pod["spec"]): { hostname?: string } {
  return spec?.hostname && spec.subdomain === service.name ? { hostname: spec.hostname } : {};
}

/** The condition Ready. A manifest written by hand has no conditions at all: such a pod is meant to run. */
function isReady({ status }: V1Pod): boolean {
  const conditions = status?.conditions ?? [];
  return conditions.length === 0 || conditions.some(({ type, status: value }) => type === "Ready" && value === "True");
}

/** KEP-4444 and KEP-3015: an endpoint is hinted to its own zone, and with PreferSameNode to its own node too. */
function hintsOf(
  distribution: string | undefined,
  node?: string,
  zone?: string,
): { zoneHints?: string[]; nodeHints?: string[] } {
  const zoneHints = zone === undefined ? {} : { zoneHints: [zone] };
  if (distribution === "PreferClose" || distribution === "PreferSameZone") return zoneHints;
  if (distribution === "PreferSameNode") return { ...zoneHints, ...(node === undefined ? {} : { nodeHints: [node] }) };
  return {};
}
