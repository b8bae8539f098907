/** `kubectl get pods`. */

import { podAddresses } from "../../cluster/pod.ts";
import { isReady } from "../../cluster/pod-endpoints.ts";
import type { V1Pod } from "../../manifest/kubernetes.ts";
import { type Columns, NONE } from "./columns.ts";

export const POD_COLUMNS: Columns<V1Pod> = {
  headers: ["NAME", "READY", "STATUS", "RESTARTS"],
  wide: ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
  row: (pod) => [
    pod.metadata?.name ?? "",
    containersReady(pod),
    statusOf(pod),
    `${(pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)}`,
    podAddresses(pod.status)[0] ?? NONE,
    pod.spec?.nodeName || NONE,
    pod.status?.nominatedNodeName || NONE,
    NONE,
  ],
};

/** A manifest says nothing of single containers: all of a ready pod are. */
function containersReady(pod: V1Pod): string {
  const total = pod.spec?.containers?.length ?? 0;
  const statuses = pod.status?.containerStatuses ?? [];
  const counted = statuses.filter(({ ready }) => ready).length;
  const runs = podAddresses(pod.status).length > 0 && isReady(pod);
  return `${statuses.length > 0 ? counted : runs ? total : 0}/${total}`;
}

function statusOf({ metadata, status }: V1Pod): string {
  if (metadata?.deletionTimestamp) return "Terminating";
  return status?.reason || status?.phase || (podAddresses(status).length > 0 ? "Running" : "Pending");
}
