/** Endpoints objects as the EndpointSlice mirroring controller copies them: one slice per address family and set of ports. */

import type { V1Endpoints } from "../manifest/kubernetes.ts";
import { canonicalAddress, familyOf } from "../network/address.ts";
import { groupBy } from "./group.ts";
import { nameOf, namespaceOf } from "./metadata.ts";
import type { IpFamily, Protocol, Slice, SliceEndpoint } from "./types.ts";

/** Set to "true" it keeps the controller away. */
const SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror";
/** Endpoints objects that only hold a leader election's record are no endpoints. */
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];

type Subset = NonNullable<V1Endpoints["subsets"]>[number];
type Address = NonNullable<Subset["addresses"]>[number];

export function endpointsSlices({ metadata, subsets }: V1Endpoints): Slice[] {
  if (metadata?.labels?.[SKIP_MIRROR_LABEL] === "true" || metadata?.annotations?.[LEADER_ANNOTATION] !== undefined)
    return [];
  const byPorts = groupBy(subsets ?? [], (subset) => JSON.stringify(slicePorts(subset)));
  const groups = [...byPorts.values()].flatMap((group) => FAMILIES.map((family) => ({ group, family })));
  const service = nameOf(metadata);
  return groups.flatMap(({ group, family }, index) => {
    const endpoints = group.flatMap((subset) => endpointsOf(subset, family));
    if (endpoints.length === 0) return [];
    const name = `${service}-mirrored-${index}`;
    return [{ namespace: namespaceOf(metadata), name, service, family, ports: slicePorts(group[0]), endpoints }];
  });
}

function slicePorts(subset: Subset | undefined): Slice["ports"] {
  return (subset?.ports ?? []).map(({ name, protocol, port }) => ({
    name: name ?? "",
    protocol: (protocol || "TCP") as Protocol,
    port,
  }));
}

function endpointsOf(subset: Subset, family: IpFamily): SliceEndpoint[] {
  const of = (addresses: readonly Address[] | null | undefined, ready: boolean) =>
    (addresses ?? []).flatMap((address) => mirrored(address, family, ready));
  return [...of(subset.addresses, true), ...of(subset.notReadyAddresses, false)];
}

/** Only readiness is known; serving is left unset, which readers take for true. */
function mirrored({ ip, nodeName, targetRef, hostname }: Address, family: IpFamily, ready: boolean): SliceEndpoint[] {
  const address = canonicalAddress(ip);
  if (address === undefined || familyOf(address) !== family) return [];
  return [
    {
      addresses: [address],
      ready,
      serving: true,
      terminating: false,
      ...(nodeName ? { node: nodeName } : {}),
      ...(targetRef?.kind === "Pod" && targetRef.name ? { pod: targetRef.name } : {}),
      ...(hostname ? { hostname } : {}),
    },
  ];
}
