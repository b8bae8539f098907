/** `kubectl get endpoints` and `kubectl get endpointslices`. */

import type { V1EndpointSlice, V1Endpoints } from "../../manifest/kubernetes.ts";
import { type Columns, NONE, shortList, UNSET } from "./columns.ts";

export const ENDPOINTS_COLUMNS: Columns<V1Endpoints> = {
  headers: ["NAME", "ENDPOINTS"],
  wide: [],
  row: ({ metadata, subsets }) => [metadata?.name ?? "", shortList((subsets ?? []).flatMap(socketsOf), NONE)],
};

export const ENDPOINT_SLICE_COLUMNS: Columns<V1EndpointSlice> = {
  headers: ["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS"],
  wide: [],
  row: ({ metadata, addressType, ports, endpoints }) => [
    metadata?.name ?? "",
    addressType,
    shortList(
      (ports ?? []).map(({ port }) => (port === undefined ? "*" : `${port}`)),
      UNSET,
    ),
    shortList(
      (endpoints ?? []).flatMap(({ addresses }) => addresses),
      UNSET,
    ),
  ],
};

/** Addresses that are ready, with every port. */
function socketsOf({ addresses, ports }: NonNullable<V1Endpoints["subsets"]>[number]): string[] {
  const hosts = (addresses ?? []).map(({ ip }) => ip);
  if ((ports ?? []).length === 0) return hosts;
  return (ports ?? []).flatMap(({ port }) =>
    hosts.map((ip) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
  );
}
