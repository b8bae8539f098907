/** What only one Service can have: cluster IPs and node ports, given out in the order of the manifests (the API server's allocators). */

import { canonicalAddress } from "../../network/address.ts";
import type { V1Service } from "../kubernetes.ts";
import { internalError, invalidValue } from "./errors.ts";
import type { Finding, Report } from "./finding.ts";
import type { ServiceSpec } from "./service.ts";
import { clusterIpsOf, writtenAt } from "./service-addresses.ts";
import { needsHealthCheck } from "./service-traffic.ts";

interface Claim {
  readonly key: string;
  readonly finding: () => Finding;
}

/**
 * A Service that is refused takes nothing. Two protocols may share a node port's number, as kube-proxy would serve them; lint
 * tells that the API server's allocator does not give it to two Services.
 */
export class Allocations {
  readonly #owners = new Map<string, string>();

  /** Whether the object gets what it asks for; only Services ask. */
  take(object: object, report: Report): boolean {
    const { kind, metadata, spec } = object as V1Service;
    if (kind !== "Service") return true;
    const claims = claimsOf(spec ?? {});
    let isFree = true;
    for (const { key, finding } of claims) {
      const owner = this.#owners.get(key);
      if (owner === undefined) continue;
      isFree = false;
      report({ ...finding(), remedy: `it is taken by Service "${owner}"` });
    }
    if (!isFree) return false;
    for (const { key } of claims) this.#owners.set(key, `${metadata?.namespace}/${metadata?.name}`);
    return true;
  }
}

function claimsOf(spec: ServiceSpec): Claim[] {
  const claims: Claim[] = [];
  if (spec.type === "ExternalName") return claims;
  claimAddresses(spec, claims);
  claimNodePorts(spec, claims);
  return claims;
}

function claimAddresses(spec: ServiceSpec, claims: Claim[]): void {
  const given = clusterIpsOf(spec);
  for (const text of given) {
    const address = canonicalAddress(text);
    if (address === undefined) continue;
    const finding = () => {
      const message = invalidValue(given, `failed to allocate IP ${text}: provided IP is already allocated`);
      return { path: ["spec", "clusterIPs"], ...writtenAt(spec), message };
    };
    claims.push({ key: address, finding });
  }
}

function claimNodePorts(spec: ServiceSpec, claims: Claim[]): void {
  for (const [index, { nodePort, protocol }] of (spec.ports ?? []).entries()) {
    if (!nodePort) continue;
    const path = ["spec", "ports", index, "nodePort"];
    const finding = () => ({ path, message: invalidValue(nodePort, "provided port is already allocated") });
    claims.push({ key: `${protocol || "TCP"}/${nodePort}`, finding });
  }
  const port = needsHealthCheck(spec) ? spec.healthCheckNodePort : 0;
  if (!port) return;
  const reason = `failed to allocate requested HealthCheck NodePort ${port}: provided port is already allocated`;
  const finding = () => ({ path: ["spec", "healthCheckNodePort"], message: internalError(reason) });
  claims.push({ key: `TCP/${port}`, finding });
}
