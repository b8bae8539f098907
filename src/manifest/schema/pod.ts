/** core/v1 Pod: what endpoints are made from; the rest by name only. */

import { apiObject, PROTOCOL } from "./common.ts";
import { list, object, openObject, type Schema, unread } from "./types.ts";

const CONTAINER_PORT = object(
  { containerPort: "port", hostIP: "string", hostPort: "portOrZero", name: "string", protocol: PROTOCOL },
  ["containerPort"],
);

const CONTAINER = object(
  {
    ...unread("args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe"),
    ...unread("readinessProbe", "resizePolicy", "resources", "restartPolicyRules", "securityContext", "startupProbe"),
    ...unread("stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices"),
    ...unread("volumeMounts", "workingDir"),
    name: "string",
    restartPolicy: "string",
    ports: list(CONTAINER_PORT),
  },
  ["name"],
);

const UNREAD_SPEC: Readonly<Record<string, Schema>> = unread(
  ...[
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
  ],
  ...["ephemeralContainers", "hostAliases", "hostIPC", "hostPID", "hostUsers", "hostname", "hostnameOverride"],
  ...["imagePullSecrets", "nodeSelector", "os", "overhead", "preemptionPolicy", "priority", "priorityClassName"],
  ...["readinessGates", "resourceClaims", "resources", "restartPolicy", "runtimeClassName", "schedulerName"],
  ...["schedulingGates", "securityContext", "serviceAccount", "serviceAccountName", "setHostnameAsFQDN"],
  ...[
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
  ],
  ...["volumes", "workloadRef"],
);

export const POD = apiObject({
  spec: object({
    ...UNREAD_SPEC,
    containers: list(CONTAINER),
    initContainers: list(CONTAINER),
    hostNetwork: "boolean",
    nodeName: "string",
  }),
  status: openObject({
    conditions: list(openObject({ type: "string", status: "string" })),
    hostIP: "string",
    phase: "string",
    podIP: "address",
    podIPs: list(object({ ip: "address" })),
  }),
});
