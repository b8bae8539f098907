/** The Kubernetes API's types, from one place. */

export type {
  Endpoints as V1Endpoints,
  Node as V1Node,
  Pod as V1Pod,
  Service as V1Service,
} from "kubernetes-types/core/v1.d.ts";
export type { EndpointSlice as V1EndpointSlice } from "kubernetes-types/discovery/v1.d.ts";
