/** What the manifest loader returns: Kubernetes objects as they were written, each with its place, and all problems. */

import type {
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Endpoints,
  V1IpAddress,
  V1Node,
  V1Pod,
  V1ReplicaSet,
  V1Service,
  V1ServiceCidr,
  V1StatefulSet,
} from "./kubernetes.ts";

/** A place in a file: lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line itself, for code frames: cut around the column when it is very long. */
  readonly excerpt?: Excerpt;
}

export interface Excerpt {
  readonly text: string;
  /** Where the column stands in `text`, counted from 0. */
  readonly caret: number;
}

export interface Problem {
  readonly severity: "error" | "warning";
  readonly place?: Place;
  /** kubectl's way: `Service "default/web"`. */
  readonly object?: string;
  /** Field path as the API server writes it: `spec.ports[0].nodePort`. */
  readonly path?: string;
  readonly message: string;
  readonly remedy?: string;
}

/** An object and where it stands. `placeOf` finds a field by its path, else the nearest parent. */
export interface Located<T> {
  readonly object: T;
  readonly place: Place;
  placeOf(path: string): Place;
}

/** Everything that was loaded, in the order of the files. Namespaces are filled in ("default"). Objects with an error are left out. */
export interface Manifests {
  readonly services: readonly Located<V1Service>[];
  readonly endpointSlices: readonly Located<V1EndpointSlice>[];
  readonly endpoints: readonly Located<V1Endpoints>[];
  readonly nodes: readonly Located<V1Node>[];
  readonly pods: readonly Located<V1Pod>[];
  readonly deployments: readonly Located<V1Deployment>[];
  readonly replicaSets: readonly Located<V1ReplicaSet>[];
  readonly statefulSets: readonly Located<V1StatefulSet>[];
  readonly daemonSets: readonly Located<V1DaemonSet>[];
  readonly serviceCidrs: readonly Located<V1ServiceCidr>[];
  readonly ipAddresses: readonly Located<V1IpAddress>[];
  /** Objects of other kinds, counted by kind: they are nobody's fault and nobody's business here. */
  readonly others: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}
