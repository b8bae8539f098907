/** The Kubernetes API's types, from one place. */

import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "kubernetes-types/apps/v1.d.ts";
import type { PodTemplateSpec } from "kubernetes-types/core/v1.d.ts";
import type { LabelSelector, ObjectMeta } from "kubernetes-types/meta/v1.d.ts";

export type {
  Endpoints as V1Endpoints,
  Node as V1Node,
  Pod as V1Pod,
  Service as V1Service,
} from "kubernetes-types/core/v1.d.ts";
export type { EndpointSlice as V1EndpointSlice } from "kubernetes-types/discovery/v1.d.ts";
export type { ObjectMeta };
export type V1Deployment = Deployment & Workload;
export type V1ReplicaSet = ReplicaSet & Workload;
export type V1StatefulSet = StatefulSet & Workload;
export type V1DaemonSet = DaemonSet & Workload;

/** What all workloads have: validation has seen to it that selector and template are there. */
export interface Workload {
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
  };
}

/** Stable since Kubernetes 1.33: newer than kubernetes-types. */
export interface V1ServiceCidr {
  readonly metadata?: ObjectMeta;
  readonly spec?: { readonly cidrs?: readonly string[] | null };
  readonly status?: { readonly conditions?: readonly { readonly type?: string; readonly status?: string }[] | null };
}

export interface V1IpAddress {
  readonly metadata?: ObjectMeta;
  readonly spec?: { readonly parentRef?: ParentReference | null };
}

export interface ParentReference {
  /** Empty for Services: they are of the core group. */
  readonly group?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
}
