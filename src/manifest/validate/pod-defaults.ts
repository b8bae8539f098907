/** A Pod's fields that the API server fills in (SetDefaults_PodSpec and the like in pkg/apis/core/v1/defaults.go), for comparing. */

import type { V1Pod } from "../kubernetes.ts";

export type Spec = NonNullable<V1Pod["spec"]>;
type Container = Spec["containers"][number];

const TERMINATION_GRACE_SECONDS = 30;

export function podSpecWithDefaults(spec: Spec | null | undefined): Spec {
  const given = spec ?? { containers: [] };
  return {
    dnsPolicy: "ClusterFirst",
    enableServiceLinks: true,
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    ...withoutNull(given),
    containers: (given.containers ?? []).map(containerWithDefaults),
    initContainers: (given.initContainers ?? []).map(containerWithDefaults),
  };
}

function containerWithDefaults(container: Container): Container {
  return {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    ...withoutNull(container),
    // Follows the image's tag when it is made, and stays.
    imagePullPolicy: container.imagePullPolicy ?? "",
    ports: (container.ports ?? []).map((port) => ({ ...port, protocol: port.protocol || "TCP" })),
  };
}

function withoutNull<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as T;
}
