/**
 * What kubelet and the network plugin do for a pod on its node: it runs, is ready unless its manifest says otherwise, and has
 * an address of each of the node's pod ranges, in turn from the third on (host-local: the second is the bridge's).
 */

import type { V1Node, V1Pod } from "../../manifest/kubernetes.ts";
import type { Located, Problem } from "../../manifest/types.ts";
import { canonicalAddress, familyOf } from "../../network/address.ts";
import { type AddressRange, addressAt, hostRange } from "../allocate/address-range.ts";
import { nameOf, namespaceOf } from "../metadata.ts";
import { podAddresses } from "../pod.ts";
import { withObject } from "../with-object.ts";
import { needsAddress } from "./pending.ts";
import { podCidrsOf } from "./pod-cidr.ts";

/** host-local leaves the gateway out. */
const GATEWAY_OFFSET = 0;

interface Host {
  readonly addresses: readonly string[];
  readonly ranges: readonly { readonly range: AddressRange; next: number }[];
}

export function startPods(
  pods: readonly Located<V1Pod>[],
  nodes: readonly Located<V1Node>[],
  problems: Problem[],
): readonly Located<V1Pod>[] {
  const isStarting = ({ object }: Located<V1Pod>) => needsAddress(object) && Boolean(object.spec?.nodeName);
  if (!pods.some(isStarting)) return pods;
  const taken = new Set(pods.flatMap(({ object }) => podAddresses(object.status)));
  const hosts = new Map(nodes.map(({ object }) => [nameOf(object.metadata), hostOf(object)]));
  return pods.map((pod) => {
    if (!isStarting(pod)) return pod;
    const host = hosts.get(pod.object.spec?.nodeName ?? "");
    const addresses = host === undefined ? [] : addressesFor(pod.object, host, taken);
    if (host !== undefined && addresses.length > 0) return running(pod, host, addresses);
    problems.push(withoutAddress(pod, host));
    return withObject(pod, { ...pod.object, status: { ...pod.object.status, phase: "Pending" } });
  });
}

function hostOf(node: V1Node): Host {
  const internal = (node.status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
  return {
    addresses: internal.flatMap(({ address }) => canonicalAddress(address) ?? []),
    ranges: podCidrsOf(node).map((cidr) => ({ range: hostRange(cidr), next: GATEWAY_OFFSET + 1 })),
  };
}

/** On the host's network a pod has the host's addresses, one of each family. */
function addressesFor({ spec }: V1Pod, host: Host, taken: Set<string>): string[] {
  if (spec?.hostNetwork === true) {
    return host.addresses.filter(
      (address, index) => host.addresses.findIndex((other) => familyOf(other) === familyOf(address)) === index,
    );
  }
  return host.ranges.flatMap((source) => {
    while (source.next < source.range.size) {
      const address = addressAt(source.range, source.next++);
      if (taken.has(address)) continue;
      taken.add(address);
      return [address];
    }
    return [];
  });
}

function running(pod: Located<V1Pod>, host: Host, addresses: readonly string[]): Located<V1Pod> {
  const given = pod.object.status;
  const conditions = (given?.conditions ?? []).length > 0 ? given?.conditions : [{ type: "Ready", status: "True" }];
  const [podIP = ""] = addresses;
  const [hostIP] = host.addresses;
  const status = {
    ...given,
    phase: "Running",
    ...(hostIP === undefined ? {} : { hostIP }),
    podIP,
    podIPs: addresses.map((ip) => ({ ip })),
    ...(conditions ? { conditions } : {}),
  };
  return withObject(pod, { ...pod.object, status });
}

function withoutAddress(pod: Located<V1Pod>, host: Host | undefined): Problem {
  const { metadata, spec } = pod.object;
  const reason = host === undefined ? `node "${spec?.nodeName}" not found` : "no address is left on its node";
  const object = `Pod "${namespaceOf(metadata)}/${nameOf(metadata)}"`;
  return { severity: "warning", place: pod.placeOf("spec.nodeName"), object, path: "spec.nodeName", message: reason };
}
