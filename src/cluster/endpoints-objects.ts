/** Endpoints objects of Services, as the Endpoints controller would have written them from the same pods as the slices. */

import type { V1EndpointSlice, V1Endpoints, V1Service } from "../manifest/kubernetes.ts";
import type { Located } from "../manifest/types.ts";
import { groupBy } from "./group.ts";
import { nameOf, namespaceOf } from "./metadata.ts";
import { SERVICE_NAME_LABEL } from "./slice.ts";

type Endpoint = V1EndpointSlice["endpoints"][number];
type SlicePort = NonNullable<V1EndpointSlice["ports"]>[number];
type Subset = NonNullable<V1Endpoints["subsets"]>[number];

/** One for every Service that has any, in the Services' order: the given ones as they are, then those of the slices. */
export function endpointsObjects(
  services: readonly Located<V1Service>[],
  slices: readonly V1EndpointSlice[],
  given: readonly Located<V1Endpoints>[],
): V1Endpoints[] {
  const known = new Set(given.map(({ object }) => keyOf(object.metadata)));
  const byService = groupBy(
    slices,
    ({ metadata }) => `${namespaceOf(metadata)}/${metadata?.labels?.[SERVICE_NAME_LABEL]}`,
  );
  const derived = services.flatMap(({ object: { metadata, spec } }) => {
    const key = keyOf(metadata);
    if (known.has(key) || spec?.type === "ExternalName") return [];
    const [primary] = spec?.ipFamilies ?? [];
    const own = (byService.get(key) ?? []).filter(({ addressType }) => addressType === primary);
    return own.length > 0 || Object.keys(spec?.selector ?? {}).length > 0 ? [endpointsOf(metadata, own)] : [];
  });
  return [...given.map(({ object }) => object), ...derived];
}

function endpointsOf(metadata: V1Service["metadata"], slices: readonly V1EndpointSlice[]): V1Endpoints {
  const subsets = repacked(slices);
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: nameOf(metadata), namespace: namespaceOf(metadata) },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
}

/** Ports with the same addresses share a subset (api/v1/endpoints RepackSubsets). */
function repacked(slices: readonly V1EndpointSlice[]): Subset[] {
  const served = new Map<string, { port: SlicePort | undefined; endpoints: Endpoint[] }>();
  for (const { ports, endpoints } of slices) {
    for (const port of (ports ?? []).length > 0 ? (ports ?? []) : [undefined]) {
      const key = JSON.stringify(port) ?? "";
      const known = served.get(key);
      if (known === undefined) served.set(key, { port, endpoints: [...endpoints] });
      else known.endpoints.push(...endpoints);
    }
  }
  const groups = groupBy([...served.values()], ({ endpoints }) =>
    JSON.stringify(endpoints.map(({ addresses }) => addresses)),
  );
  return [...groups.values()].map(subsetOf);
}

function subsetOf(group: readonly { port: SlicePort | undefined; endpoints: Endpoint[] }[]): Subset {
  const endpoints = group[0]?.endpoints ?? [];
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false).map(addressOf);
  const notReady = endpoints.filter(({ conditions }) => conditions?.ready === false).map(addressOf);
  const ports = group.flatMap(({ port }) => {
    if (port?.port === undefined) return [];
    const { name, port: number, protocol = "TCP" } = port;
    return [{ ...(name ? { name } : {}), port: number, protocol }];
  });
  return {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

function addressOf({ addresses, hostname, nodeName, targetRef }: Endpoint): NonNullable<Subset["addresses"]>[number] {
  return {
    ip: addresses[0] ?? "",
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}

function keyOf(metadata: V1Service["metadata"]): string {
  return `${namespaceOf(metadata)}/${nameOf(metadata)}`;
}
