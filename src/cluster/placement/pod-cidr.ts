/** The node IPAM controller: pod ranges for nodes that have none, cut from 10.244.0.0/16 and fd00:10:244::/48. */

import type { V1Node } from "../../manifest/kubernetes.ts";
import type { Located } from "../../manifest/types.ts";
import { canonicalCidr, type Prefix, prefixContains, prefixOf } from "../../network/prefix.ts";
import { nameOf } from "../metadata.ts";
import { withObject } from "../with-object.ts";

/** 10.244.0.0/24 is left to a control plane that the manifests do not show. */
const FIRST = 1;
const LAST = 255;

/** `wanted` names the nodes that pods need a range of: the others stay as they are, perhaps a plugin's of its own. */
export function withPodCidrs(
  nodes: readonly Located<V1Node>[],
  wanted: ReadonlySet<string>,
): readonly Located<V1Node>[] {
  const open = nodes.filter(({ object }) => wanted.has(nameOf(object.metadata)) && podCidrsOf(object).length === 0);
  if (open.length === 0) return nodes;
  const taken = nodes.flatMap(({ object }) => podCidrsOf(object).map(prefixOf));
  let next = FIRST;
  return nodes.map((node) => {
    if (!open.includes(node)) return node;
    while (next <= LAST && rangesOf(next).some((range) => overlapsAny(prefixOf(range), taken))) next++;
    if (next > LAST) return node;
    const podCIDRs = rangesOf(next++);
    const { object } = node;
    return withObject(node, { ...object, spec: { ...object.spec, podCIDR: podCIDRs[0] ?? "", podCIDRs } });
  });
}

export function podCidrsOf({ spec }: V1Node): string[] {
  const given = (spec?.podCIDRs ?? []).length > 0 ? (spec?.podCIDRs ?? []) : [spec?.podCIDR ?? ""];
  return given.flatMap((cidr) => canonicalCidr(cidr) ?? []);
}

function rangesOf(number: number): string[] {
  return [`10.244.${number}.0/24`, `fd00:10:244:${number.toString(16)}::/64`];
}

function overlapsAny(range: Prefix, taken: readonly Prefix[]): boolean {
  return taken.some((other) => prefixContains(other, range.bytes) || prefixContains(range, other.bytes));
}
