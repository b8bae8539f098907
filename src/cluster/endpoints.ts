/** Endpoints objects as the EndpointSlice mirroring controller copies them: one slice per address family and set of ports. */

import type { V1EndpointSlice, V1Endpoints } from "../manifest/kubernetes.ts";
import { canonicalAddress, familyOf } from "../network/address.ts";
import { groupBy } from "./group.ts";
import { nameOf, namespaceOf, stringMap } from "./metadata.ts";
import { generatedName } from "./seeded.ts";
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from "./slice.ts";
import type { IpFamily } from "./types.ts";

const CONTROLLER = "endpointslicemirroring-controller.k8s.io";
/** Set to "true" it keeps the controller away. */
const SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror";
/** Endpoints objects that only hold a leader election's record are no endpoints. */
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];

type Subset = NonNullable<V1Endpoints["subsets"]>[number];
type Address = NonNullable<Subset["addresses"]>[number];
type Endpoint = V1EndpointSlice["endpoints"][number];

export function endpointsSlices({ metadata, subsets }: V1Endpoints, seed: number): V1EndpointSlice[] {
  if (metadata?.labels?.[SKIP_MIRROR_LABEL] === "true" || metadata?.annotations?.[LEADER_ANNOTATION] !== undefined)
    return [];
  const byPorts = groupBy(subsets ?? [], (subset) => JSON.stringify(slicePorts(subset)));
  const groups = [...byPorts.values()].flatMap((group) => FAMILIES.map((family) => ({ group, family })));
  const service = nameOf(metadata);
  const namespace = namespaceOf(metadata);
  const labels = { ...stringMap(metadata?.labels), [SERVICE_NAME_LABEL]: service, [MANAGED_BY_LABEL]: CONTROLLER };
  const names = new Set<string>();
  return groups.flatMap(({ group, family }, index) => {
    const endpoints = group.flatMap((subset) => endpointsOf(subset, family));
    if (endpoints.length === 0) return [];
    const isTaken = (name: string) => names.has(name);
    const name = generatedName(`${service}-`, seed, `${namespace}/${service} mirrored ${index}`, isTaken);
    names.add(name);
    return [
      {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name, namespace, labels },
        addressType: family,
        ports: slicePorts(group[0]),
        endpoints,
      },
    ];
  });
}

function slicePorts(subset: Subset | undefined): NonNullable<V1EndpointSlice["ports"]> {
  return (subset?.ports ?? []).map(({ name, protocol, port }) => ({
    name: name ?? "",
    protocol: protocol || "TCP",
    port,
  }));
}

function endpointsOf(subset: Subset, family: IpFamily): Endpoint[] {
  const of = (addresses: readonly Address[] | null | undefined, ready: boolean) =>
    (addresses ?? []).flatMap((address) => mirrored(address, family, ready));
  return [...of(subset.addresses, true), ...of(subset.notReadyAddresses, false)];
}

/** Only readiness is known; serving is left unset, which readers take for true. */
function mirrored({ ip, nodeName, targetRef, hostname }: Address, family: IpFamily, ready: boolean): Endpoint[] {
  const address = canonicalAddress(ip);
  if (address === undefined || familyOf(address) !== family) return [];
  return [
    {
      addresses: [address],
      conditions: { ready },
      ...(hostname ? { hostname } : {}),
      ...(nodeName ? { nodeName } : {}),
      ...(targetRef ? { targetRef } : {}),
    },
  ];
}
