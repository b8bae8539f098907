/** Nodes: their addresses, pod ranges and zone. */

import type { V1Node } from "../manifest/kubernetes.ts";
import type { Located, Problem } from "../manifest/types.ts";
import { canonicalAddress } from "../network/address.ts";
import { canonicalCidr } from "../network/prefix.ts";
import { nameOf, stringMap } from "./metadata.ts";
import type { ClusterNode } from "./types.ts";

export const ZONE_LABEL = "topology.kubernetes.io/zone";
/** The order in which a node's own address is looked for; names are none. */
const ADDRESS_TYPES = ["InternalIP", "ExternalIP"];

/** A node address that is none is reported and left out. */
export function clusterNode(node: Located<V1Node>, problems: Problem[]): ClusterNode {
  const { metadata, spec } = node.object;
  const name = nameOf(metadata);
  const labels = stringMap(metadata?.labels);
  const zone = labels[ZONE_LABEL];
  const cidrs = (spec?.podCIDRs ?? []).length > 0 ? (spec?.podCIDRs ?? []) : [spec?.podCIDR ?? ""];
  return {
    name,
    addresses: ADDRESS_TYPES.flatMap((type) => addressesOf(node, type, problems)),
    podCidrs: cidrs.flatMap((cidr) => canonicalCidr(cidr) ?? []),
    labels,
    ...(zone ? { zone } : {}),
  };
}

function addressesOf(node: Located<V1Node>, type: string, problems: Problem[]): string[] {
  const { object } = node;
  return (object.status?.addresses ?? []).flatMap((given, index) => {
    if (given.type !== type) return [];
    const address = canonicalAddress(given.address);
    if (address !== undefined) return [address];
    const path = `status.addresses[${index}].address`;
    const message = `Invalid value: ${JSON.stringify(given.address)}: must be a valid IP address`;
    problems.push({
      severity: "error",
      place: node.placeOf(path),
      object: `Node "${nameOf(object.metadata)}"`,
      path,
      message,
    });
    return [];
  });
}
