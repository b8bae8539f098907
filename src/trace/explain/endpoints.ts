/** Why a service port has no endpoint that a packet could go to. */

import type { ClusterService, SliceEndpoint } from "../../cluster/types.ts";
import type { V1Pod } from "../../manifest/kubernetes.ts";
import { addressOf } from "../../network/address.ts";
import { prefixContains } from "../../network/prefix.ts";
import { endpointsOf } from "../../proxy/endpoints.ts";
import { allowedSources } from "../../proxy/placed-port.ts";
import { type ProxyServicePort, servicePorts } from "../../proxy/service-ports.ts";
import { usableEndpoints } from "../../proxy/topology.ts";
import type { Explanation } from "../types.ts";
import { type Destination, explanation, type Known, type MeantPort, portTitle, titleOf } from "./types.ts";

const LISTED_MAX = 10;
const FOREIGN_LABEL = "service.kubernetes.io/service-proxy-name";

/** Undefined: there is one, and the rules lead there. */
export function obstacleOf(
  known: Known,
  meant: MeantPort,
  destination: Destination,
  source: string,
): Explanation | undefined {
  const { service, port, way } = meant;
  const { cluster, node } = known;
  const served = servicePorts(cluster, destination.family).find(
    (one) =>
      one.namespace === service.namespace &&
      one.service === service.name &&
      one.port === port.port &&
      one.protocol === port.protocol,
  );
  if (served === undefined) return notServed(meant, destination);
  if (way === "load balancer address" && !isProxied(service, destination.address))
    return loadBalancersOwn(meant, destination);
  const endpoints = endpointsOf(cluster, destination.family, node.name)(served);
  const usable = usableEndpoints(endpoints, served, node);
  if (!usable.anywhere) return withoutEndpoint(known, meant, destination);
  const isExternal = way !== "ClusterIP";
  const isLocal = isExternal ? served.externalLocal : served.internalLocal;
  if (isLocal && usable.local.length === 0) return withoutLocal(known, meant, isExternal);
  if (way === "load balancer address") return refusedSource(known, served, source);
  return undefined;
}

function notServed({ service }: MeantPort, { family }: Destination): Explanation {
  if (FOREIGN_LABEL in service.labels) {
    return explanation(
      "foreign-proxy",
      `${titleOf(service)} has the label ${FOREIGN_LABEL}: kube-proxy leaves it to another proxy`,
    );
  }
  return explanation(
    "not-served",
    `${titleOf(service)} has no ${family} address, so kube-proxy writes no ${family} rules for it`,
  );
}

function isProxied({ loadBalancerIngress }: ClusterService, address: string): boolean {
  return loadBalancerIngress.some(({ ip, ipMode }) => ip === address && ipMode === "VIP");
}

function loadBalancersOwn(meant: MeantPort, { address }: Destination): Explanation {
  const message = `${address} of ${portTitle(meant)} has ipMode Proxy: the load balancer itself takes its packets, and no node`;
  return explanation("load-balancer-proxy", message);
}

function refusedSource({ node }: Known, served: ProxyServicePort, source: string): Explanation | undefined {
  if (served.sourceRanges.length === 0) return undefined;
  const nodeAddress = node.addresses.find((address) => address.includes(":") === source.includes(":"));
  if (allowedSources(served, nodeAddress).some((range) => prefixContains(range, addressOf(source)))) return undefined;
  const message = `${source} is in none of the source ranges of Service ${served.title}: the firewall drops it`;
  return explanation("source-ranges", message);
}

function withoutLocal(known: Known, meant: MeantPort, isExternal: boolean): Explanation {
  const field = isExternal ? "externalTrafficPolicy" : "internalTrafficPolicy";
  const message = `${portTitle(meant)} has ${field} Local, and no ready endpoint on ${known.node.name}: the packet is dropped`;
  return explanation("policy-local", message, endpointDetails(known, meant));
}

function withoutEndpoint(known: Known, meant: MeantPort, destination: Destination): Explanation {
  const { service, port } = meant;
  const all = slicesOf(known, service);
  const inFamily = all.filter(({ family }) => family === destination.family);
  if (inFamily.some(({ ports, endpoints }) => endpoints.length > 0 && ports.some(({ name }) => name === port.name))) {
    return explanation("no-ready-endpoint", `${portTitle(meant)} has no ready endpoint`, endpointDetails(known, meant));
  }
  if (inFamily.some(({ endpoints }) => endpoints.length > 0)) {
    const message = `no container of the pods of ${titleOf(service)} has a port named "${port.targetPort}", which port ${port.port} leads to`;
    return explanation("no-target-port", message, endpointDetails(known, meant));
  }
  if (Object.keys(service.selector).length === 0) {
    const message = `${titleOf(service)} has no selector, and no EndpointSlice is written for it`;
    return explanation("no-selector", message);
  }
  return withoutPods(known, service, destination);
}

function withoutPods({ objects }: Known, service: ClusterService, { family }: Destination): Explanation {
  const selector = Object.entries(service.selector);
  const pods = objects.pods
    .map(({ object }) => object)
    .filter(({ metadata }) => metadata?.namespace === service.namespace);
  const chosen = pods.filter(({ metadata }) => selector.every(([key, value]) => metadata?.labels?.[key] === value));
  const text = selector.map(([key, value]) => `${key}=${value}`).join(",");
  if (chosen.length === 0) {
    const message = `the selector of ${titleOf(service)}, ${text}, matches no pod in namespace ${service.namespace}`;
    const details = pods.slice(0, LISTED_MAX).map((pod) => `pod ${pod.metadata?.name}: ${labelsText(pod)}`);
    return explanation("selector", message, details);
  }
  const message = `the pods of ${titleOf(service)} have no ${family} address, or have ended`;
  return explanation(
    "no-pod-address",
    message,
    chosen.slice(0, LISTED_MAX).map((pod) => `pod ${pod.metadata?.name}: ${pod.status?.phase ?? "no status"}`),
  );
}

function labelsText({ metadata }: V1Pod): string {
  const labels = Object.entries(metadata?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? "no labels" : labels.join(",");
}

/** Every endpoint that there is, and what keeps it from being used. */
export function endpointDetails(known: Known, { service }: Pick<MeantPort, "service">): readonly string[] {
  const details = slicesOf(known, service).flatMap(({ endpoints }) =>
    endpoints.map((endpoint) => endpointText(known, service, endpoint)),
  );
  const more = details.length - LISTED_MAX;
  return more > 0 ? [...details.slice(0, LISTED_MAX), `and ${more} more`] : details;
}

function slicesOf({ cluster }: Known, { namespace, name }: ClusterService) {
  return cluster.endpointSlices.filter((slice) => slice.namespace === namespace && slice.service === name);
}

function endpointText(known: Known, { namespace }: ClusterService, endpoint: SliceEndpoint): string {
  const { addresses, pod, node } = endpoint;
  const place = [pod === undefined ? undefined : `pod ${namespace}/${pod}`, node].filter((one) => one !== undefined);
  const where = place.length === 0 ? "" : ` (${place.join(", ")})`;
  return `${addresses[0] ?? "no address"}${where}: ${conditionText(known, namespace, endpoint)}`;
}

function conditionText({ objects }: Known, namespace: string, endpoint: SliceEndpoint): string {
  if (endpoint.terminating) return endpoint.serving ? "terminating, still serving" : "terminating, not ready";
  if (endpoint.ready) return "ready";
  const pod = objects.pods.find(
    ({ object: { metadata } }) => metadata?.namespace === namespace && metadata.name === endpoint.pod,
  );
  const condition = pod?.object.status?.conditions?.find(({ type }) => type === "Ready");
  if (condition === undefined) return "not ready";
  const reason = [condition.reason, condition.message].filter((one) => one !== undefined && one !== "");
  return reason.length === 0 ? "not ready: its condition Ready is not True" : `not ready: ${reason.join(", ")}`;
}
