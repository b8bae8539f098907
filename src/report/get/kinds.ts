/** What `sluice get` can show, under kubectl's names. */

import type { ClusterObjects } from "../../cluster/control-plane.ts";
import { endpointsObjects } from "../../cluster/endpoints-objects.ts";
import type { ObjectMeta } from "../../manifest/kubernetes.ts";
import type { Manifests } from "../../manifest/types.ts";
import type { Columns } from "./columns.ts";
import { ENDPOINT_SLICE_COLUMNS, ENDPOINTS_COLUMNS } from "./endpoints.ts";
import { NODE_COLUMNS } from "./node.ts";
import { POD_COLUMNS } from "./pod.ts";
import { SERVICE_COLUMNS } from "./service.ts";

export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

export interface ShownKind {
  /** Singular, plural, short: all that a user may call it. */
  readonly names: readonly string[];
  /** `service` in `service/web`. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly columns: Columns<ApiObject>;
  objects(cluster: ClusterObjects, manifests: Manifests): readonly ApiObject[];
}

export const SHOWN_KINDS: readonly ShownKind[] = [
  {
    names: ["nodes", "node", "no"],
    resource: "node",
    namespaced: false,
    columns: NODE_COLUMNS as Columns<ApiObject>,
    objects: ({ nodes }) => nodes.map(({ object }) => object),
  },
  {
    names: ["pods", "pod", "po"],
    resource: "pod",
    namespaced: true,
    columns: POD_COLUMNS as Columns<ApiObject>,
    objects: ({ pods }) => pods.map(({ object }) => object),
  },
  {
    names: ["services", "service", "svc"],
    resource: "service",
    namespaced: true,
    columns: SERVICE_COLUMNS as Columns<ApiObject>,
    objects: ({ services }) => services.map(({ object }) => object),
  },
  {
    names: ["endpoints", "ep"],
    resource: "endpoints",
    namespaced: true,
    columns: ENDPOINTS_COLUMNS as Columns<ApiObject>,
    objects: ({ services, endpointSlices }, { endpoints }) => endpointsObjects(services, endpointSlices, endpoints),
  },
  {
    names: ["endpointslices", "endpointslice"],
    resource: "endpointslice.discovery.k8s.io",
    namespaced: true,
    columns: ENDPOINT_SLICE_COLUMNS as Columns<ApiObject>,
    objects: ({ endpointSlices }) => endpointSlices,
  },
];
