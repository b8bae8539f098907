/** core/v1 Pod: what endpoints are made from; the rest by name only. */

import { apiObject, PROTOCOL } from "./common.ts";
import { list, map, object, openObject, type Schema, unread } from "./types.ts";

const CONTAINER_PORT = object(
  { containerPort: "port", hostIP: "string", hostPort: "portOrZero", name: "string", protocol: PROTOCOL },
  ["containerPort"],
);

const CONTAINER = object(
  {
    ...unread("args", "command", "env", "envFrom", "imagePullPolicy", "lifecycle", "livenessProbe"),
    ...unread("readinessProbe", "resizePolicy", "resources", "restartPolicyRules", "securityContext", "startupProbe"),
    ...unread("stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices"),
    ...unread("volumeMounts", "workingDir"),
    image: "string",
    name: "string",
    restartPolicy: "string",
    ports: list(CONTAINER_PORT),
  },
  ["name"],
);

const DNS_CONFIG = object({
  nameservers: list("string"),
  searches: list("string"),
  options: list(object({ name: "string", value: "string" })),
});

const UNREAD_SPEC: Readonly<Record<string, Schema>> = unread(
  ...["activeDeadlineSeconds", "affinity", "automountServiceAccountToken"],
  ...["ephemeralContainers", "hostAliases", "hostIPC", "hostPID", "hostUsers", "hostnameOverride"],
  ...["imagePullSecrets", "os", "overhead", "preemptionPolicy", "priority", "priorityClassName"],
  ...["readinessGates", "resourceClaims", "resources", "restartPolicy", "runtimeClassName", "schedulerName"],
  ...["securityContext", "serviceAccount", "serviceAccountName", "setHostnameAsFQDN"],
  ...["shareProcessNamespace", "terminationGracePeriodSeconds", "topologySpreadConstraints"],
  ...["volumes", "workloadRef"],
);

const TOLERATION = object({
  key: "string",
  operator: "string",
  value: "string",
  effect: "string",
  tolerationSeconds: "integer",
});

/** What a pod is, also inside a workload's template. */
export const POD_SPEC = object({
  ...UNREAD_SPEC,
  containers: list(CONTAINER),
  initContainers: list(CONTAINER),
  dnsConfig: DNS_CONFIG,
  dnsPolicy: "string",
  enableServiceLinks: "boolean",
  hostname: "string",
  hostNetwork: "boolean",
  nodeName: "string",
  nodeSelector: map("string"),
  schedulingGates: list(object({ name: "string" })),
  subdomain: "string",
  tolerations: list(TOLERATION),
});

export const POD = apiObject({
  spec: POD_SPEC,
  status: openObject({
    conditions: list(openObject({ type: "string", status: "string" })),
    hostIP: "string",
    phase: "string",
    podIP: "address",
    podIPs: list(object({ ip: "address" })),
  }),
});
