/** Where cluster IPs may come from: ServiceCIDR objects, else what the user says (KEP-1880). */

import type { V1ServiceCidr } from "../../manifest/kubernetes.ts";
import type { Manifests } from "../../manifest/types.ts";
import { canonicalCidr } from "../../network/prefix.ts";
import { nameOf } from "../metadata.ts";
import type { ControlPlaneOptions } from "../options.ts";

export interface ServiceCidr {
  readonly cidr: string;
  /** Addresses are given out of it. One that is not ready, or about to go, keeps what Services have of it. */
  readonly isReady: boolean;
}

/** The API server's own, made from its flags: its first family is the cluster's. */
const DEFAULT_NAME = "kubernetes";

/** Empty: nobody knows. The same CIDR in several objects is ready if it is so in one of them. */
export function serviceCidrs(
  { serviceCidrs: objects }: Manifests,
  { serviceCidrs: named = [] }: ControlPlaneOptions,
): readonly ServiceCidr[] {
  if (objects.length === 0) return named.map((cidr) => ({ cidr, isReady: true }));
  const readiness = new Map<string, boolean>();
  for (const { object } of [...objects].sort((a, b) => rank(a.object) - rank(b.object))) {
    for (const text of object.spec?.cidrs ?? []) {
      const cidr = canonicalCidr(text);
      if (cidr !== undefined) readiness.set(cidr, readiness.get(cidr) === true || isReady(object));
    }
  }
  return [...readiness].map(([cidr, ready]) => ({ cidr, isReady: ready }));
}

function rank({ metadata }: V1ServiceCidr): number {
  return nameOf(metadata) === DEFAULT_NAME ? 0 : 1;
}

/** Without a condition it is ready: the controller that writes it may not run. */
function isReady({ metadata, status }: V1ServiceCidr): boolean {
  if (metadata?.deletionTimestamp) return false;
  const condition = (status?.conditions ?? []).find(({ type }) => type === "Ready");
  return condition === undefined || condition.status === "True";
}
