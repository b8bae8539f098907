/** The kinds that are read, by apiVersion and kind. */

import { strictAddressFaults } from "../validate/addresses.ts";
import { checkEndpointSlice } from "../validate/endpoint-slice.ts";
import { checkEndpoints } from "../validate/endpoints.ts";
import type { Report } from "../validate/finding.ts";
import { checkIpAddress } from "../validate/ip-address.ts";
import { labelFaults } from "../validate/names.ts";
import { checkNode } from "../validate/node.ts";
import { checkPod } from "../validate/pod.ts";
import { checkService } from "../validate/service.ts";
import { checkServiceCidr } from "../validate/service-cidr.ts";
import { checkWorkload } from "../validate/workload.ts";
import { ENDPOINT_SLICE, ENDPOINTS } from "./endpoints.ts";
import { IP_ADDRESS, SERVICE_CIDR } from "./networking.ts";
import { NODE } from "./node.ts";
import { POD } from "./pod.ts";
import { SERVICE } from "./service.ts";
import type { ObjectSchema } from "./types.ts";
import { DAEMON_SET, DEPLOYMENT, REPLICA_SET, STATEFUL_SET } from "./workload.ts";

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The API's name for many of them, as messages say it. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly schema: ObjectSchema;
  /** What is wrong with a name of this kind; most are DNS subdomains. */
  nameFaults?(name: string): readonly string[];
  /** What the schema cannot say; only for objects whose fields are of their types. */
  check?(object: object, report: Report): void;
}

const CORE = "v1";
const APPS = "apps/v1";
const NETWORKING = "networking.k8s.io/v1";

export const SERVICE_KIND: Kind = {
  apiVersion: CORE,
  kind: "Service",
  plural: "services",
  namespaced: true,
  schema: SERVICE,
  nameFaults: labelFaults,
  check: checkService,
};
export const ENDPOINT_SLICE_KIND: Kind = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  plural: "endpointslices.discovery.k8s.io",
  namespaced: true,
  schema: ENDPOINT_SLICE,
  check: checkEndpointSlice,
};
export const ENDPOINTS_KIND: Kind = {
  apiVersion: CORE,
  kind: "Endpoints",
  plural: "endpoints",
  namespaced: true,
  schema: ENDPOINTS,
  check: checkEndpoints,
};
export const NODE_KIND: Kind = {
  apiVersion: CORE,
  kind: "Node",
  plural: "nodes",
  namespaced: false,
  schema: NODE,
  check: checkNode,
};
export const POD_KIND: Kind = {
  apiVersion: CORE,
  kind: "Pod",
  plural: "pods",
  namespaced: true,
  schema: POD,
  check: checkPod,
};

const WORKLOAD_KINDS: readonly Kind[] = [
  workload("Deployment", "deployments.apps", DEPLOYMENT),
  workload("ReplicaSet", "replicasets.apps", REPLICA_SET),
  { ...workload("StatefulSet", "statefulsets.apps", STATEFUL_SET), nameFaults: labelFaults },
  workload("DaemonSet", "daemonsets.apps", DAEMON_SET),
];

const NETWORKING_KINDS: readonly Kind[] = [
  {
    apiVersion: NETWORKING,
    kind: "ServiceCIDR",
    plural: "servicecidrs.networking.k8s.io",
    namespaced: false,
    schema: SERVICE_CIDR,
    check: checkServiceCidr,
  },
  {
    apiVersion: NETWORKING,
    kind: "IPAddress",
    plural: "ipaddresses.networking.k8s.io",
    namespaced: false,
    schema: IP_ADDRESS,
    nameFaults: strictAddressFaults,
    check: checkIpAddress,
  },
];

export const KINDS: readonly Kind[] = [
  ...[SERVICE_KIND, ENDPOINT_SLICE_KIND, ENDPOINTS_KIND, NODE_KIND, POD_KIND],
  ...WORKLOAD_KINDS,
  ...NETWORKING_KINDS,
];

function workload(kind: string, plural: string, schema: ObjectSchema): Kind {
  return { apiVersion: APPS, kind, plural, namespaced: true, schema, check: checkWorkload };
}

/** What else there is in the API groups of the kinds above: a kind that is neither here nor there is a mistake. */
const UNREAD_KINDS: Readonly<Record<string, readonly string[]>> = {
  [CORE]: [
    ...["Binding", "ComponentStatus", "ConfigMap", "Event", "LimitRange", "Namespace", "PersistentVolume"],
    ...["PersistentVolumeClaim", "PodTemplate", "ReplicationController", "ResourceQuota", "Secret", "ServiceAccount"],
  ],
  "discovery.k8s.io/v1": [],
  [APPS]: ["ControllerRevision"],
  [NETWORKING]: ["Ingress", "IngressClass", "NetworkPolicy"],
};

/** No API server would know this kind in this version. Of groups that are not listed nothing is said. */
export function isMisnamed(kind: string, apiVersion: string): boolean {
  return Object.hasOwn(UNREAD_KINDS, apiVersion) && UNREAD_KINDS[apiVersion]?.includes(kind) === false;
}
