/** `kubectl get nodes`. */

import type { V1Node } from "../../manifest/kubernetes.ts";
import { type Columns, NONE, UNKNOWN } from "./columns.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";
const ROLE_LABEL = "kubernetes.io/role";

export const NODE_COLUMNS: Columns<V1Node> = {
  headers: ["NAME", "STATUS", "ROLES", "VERSION"],
  wide: ["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"],
  row: ({ metadata, spec, status }) => [
    metadata?.name ?? "",
    statusOf(spec, status),
    rolesOf(metadata?.labels ?? {}),
    status?.nodeInfo?.kubeletVersion ?? "",
    addressOf(status, "InternalIP"),
    addressOf(status, "ExternalIP"),
    status?.nodeInfo?.osImage || UNKNOWN,
    status?.nodeInfo?.kernelVersion || UNKNOWN,
    status?.nodeInfo?.containerRuntimeVersion || UNKNOWN,
  ],
};

function statusOf(spec: V1Node["spec"], status: V1Node["status"]): string {
  const ready = (status?.conditions ?? []).find(({ type }) => type === "Ready");
  const word = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function rolesOf(labels: Readonly<Record<string, string>>): string {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.length > ROLE_PREFIX.length ? [key.slice(ROLE_PREFIX.length)] : [];
    return key === ROLE_LABEL && value !== "" ? [value] : [];
  });
  return roles.length > 0 ? [...new Set(roles)].sort().join(",") : NONE;
}

function addressOf(status: V1Node["status"], type: string): string {
  return (status?.addresses ?? []).find((address) => address.type === type)?.address ?? NONE;
}
