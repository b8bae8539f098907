/** Which pods still wait for a node or an address. A pod that a cluster has seen is as it is. */

import type { V1Pod } from "../../manifest/kubernetes.ts";

/** No phase, or one that needs an address: written by hand, or made by a controller just now. */
export function needsAddress({ spec, status }: V1Pod): boolean {
  if ((spec?.schedulingGates ?? []).length > 0) return false;
  if (status?.podIP || (status?.podIPs ?? []).length > 0) return false;
  const phase = status?.phase ?? "";
  return phase === "" || phase === "Running";
}
