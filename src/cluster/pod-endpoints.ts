/** Endpoints from pods, as the EndpointSlice controller makes them (staging endpointslice/utils.go and reconciler.go). */

import type { V1EndpointSlice, V1Pod, V1Service } from "../manifest/kubernetes.ts";
import type { Located } from "../manifest/types.ts";
import { familyOf } from "../network/address.ts";
import { groupBy } from "./group.ts";
import { nameOf, namespaceOf } from "./metadata.ts";
import { podAddresses } from "./pod.ts";
import { PodIndex } from "./pod-index.ts";
import { generatedName } from "./seeded.ts";
import { clusterService, HEADLESS } from "./service.ts";
import { HEADLESS_LABEL, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from "./slice.ts";
import type { ClusterService, IpFamily } from "./types.ts";

type Zones = ReadonlyMap<string, string | undefined>;
type Endpoint = V1EndpointSlice["endpoints"][number];
type Ports = NonNullable<V1EndpointSlice["ports"]>;

/** Newer than kubernetes-types: hints name nodes too (KEP-3015). */
interface Hints {
  readonly forZones?: { name: string }[];
  readonly forNodes?: { name: string }[];
}

const CONTROLLER = "endpointslice-controller.k8s.io";
/** The controller's --max-endpoints-per-slice. */
const ENDPOINTS_MAX = 100;
/** Phases in which a pod's containers have ended for good. */
const TERMINAL_PHASES = ["Failed", "Succeeded"];

/** The slices of Services that have a selector: per Service, family and set of port numbers as many as it takes. */
export function podSlices(
  services: readonly V1Service[],
  pods: readonly Located<V1Pod>[],
  zones: Zones,
  seed: number,
): V1EndpointSlice[] {
  const candidates = pods.map(({ object }) => object).filter(isEndpoint);
  if (services.length === 0 || candidates.length === 0) return [];
  const index = new PodIndex(candidates);
  const names = new Set<string>();
  return services.flatMap((object) => {
    const service = clusterService(object);
    const selected = index.select(service.namespace, service.selector);
    const families = (object.spec?.ipFamilies ?? []) as readonly IpFamily[];
    return families
      .flatMap((family) => slicesOf(service, family, selected, zones))
      .map((slice, position) => {
        const name = generatedName(
          `${service.name}-`,
          seed,
          `${service.namespace}/${service.name}/${position}`,
          (taken) => names.has(`${service.namespace}/${taken}`),
        );
        names.add(`${service.namespace}/${name}`);
        return { ...slice, metadata: { ...slice.metadata, name } };
      });
  });
}

function isEndpoint({ status }: V1Pod): boolean {
  return !TERMINAL_PHASES.includes(status?.phase ?? "") && podAddresses(status).length > 0;
}

/** A named port may be another number in every pod, so pods are grouped by what their ports come to. */
function slicesOf(service: ClusterService, family: IpFamily, pods: readonly V1Pod[], zones: Zones): V1EndpointSlice[] {
  const inFamily = pods.filter((pod) => addressIn(pod, family) !== undefined);
  const groups = groupBy(inFamily, (pod) => JSON.stringify(portsOf(service, pod)));
  return [...groups].flatMap(([ports, group]) =>
    chunks(group, ENDPOINTS_MAX).map((chunk) => ({
      apiVersion: "discovery.k8s.io/v1" as const,
      kind: "EndpointSlice" as const,
      metadata: { namespace: service.namespace, labels: labelsOf(service) },
      addressType: family,
      ports: JSON.parse(ports) as Ports,
      endpoints: chunk.map((pod) => endpointOf(service, pod, family, zones)),
    })),
  );
}

function labelsOf({ name, labels, clusterIps }: ClusterService): Record<string, string> {
  return {
    ...labels,
    ...(clusterIps[0] === HEADLESS ? { [HEADLESS_LABEL]: "" } : {}),
    [SERVICE_NAME_LABEL]: name,
    [MANAGED_BY_LABEL]: CONTROLLER,
  };
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size));
}

function addressIn(pod: V1Pod, family: IpFamily): string | undefined {
  return podAddresses(pod.status).find((address) => familyOf(address) === family);
}

/** A service port whose target name no container of the pod has is not served by it. */
function portsOf(service: ClusterService, pod: V1Pod): Ports {
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

function endpointOf(service: ClusterService, pod: V1Pod, family: IpFamily, zones: Zones): Endpoint {
  const serving = isReady(pod);
  const terminating = (pod.metadata?.deletionTimestamp ?? undefined) !== undefined;
  const ready = service.publishNotReadyAddresses || (serving && !terminating);
  const node = pod.spec?.nodeName || undefined;
  const zone = node === undefined ? undefined : zones.get(node);
  const hints = ready ? hintsOf(service.trafficDistribution, node, zone) : undefined;
  return {
    addresses: [addressIn(pod, family) ?? ""],
    conditions: { ready, serving, terminating },
    ...hostnameOf(service, pod.spec),
    ...(node === undefined ? {} : { nodeName: node }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
    targetRef: { kind: "Pod", namespace: namespaceOf(pod.metadata), name: nameOf(pod.metadata) },
  };
}

/** A pod's host name counts below the Service that its subdomain names (ShouldSetHostname). */
function hostnameOf(service: ClusterService, spec: V1Pod["spec"]): { hostname?: string } {
  return spec?.hostname && spec.subdomain === service.name ? { hostname: spec.hostname } : {};
}

/** The condition Ready. A manifest written by hand has no conditions at all: such a pod is meant to run. */
export function isReady({ status }: V1Pod): boolean {
  const conditions = status?.conditions ?? [];
  return conditions.length === 0 || conditions.some(({ type, status: value }) => type === "Ready" && value === "True");
}

/** KEP-4444 and KEP-3015: an endpoint is hinted to its own zone, and with PreferSameNode to its own node too. */
function hintsOf(distribution: string | undefined, node?: string, zone?: string): Hints | undefined {
  const zoneHints = zone === undefined ? {} : { forZones: [{ name: zone }] };
  if (distribution === "PreferClose" || distribution === "PreferSameZone")
    return zone === undefined ? undefined : zoneHints;
  if (distribution === "PreferSameNode" && node !== undefined) return { ...zoneHints, forNodes: [{ name: node }] };
  return undefined;
}
