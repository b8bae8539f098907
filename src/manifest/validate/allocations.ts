/** What only one Service can have: cluster IPs and node ports, given out in the order of the manifests (the API server's allocators). */

import { canonicalAddress } from "../../network/address.ts";
import type { V1Service } from "../kubernetes.ts";
import type { Segment } from "../position.ts";
import { invalidValue } from "./errors.ts";
import type { Finding, Report } from "./finding.ts";
import type { ServiceSpec } from "./service.ts";
import { clusterIpsOf } from "./service-addresses.ts";
import { needsHealthCheck } from "./service-traffic.ts";

interface Claim {
  readonly key: string;
  readonly finding: () => Finding;
}

/** A Service that is refused takes nothing. Two protocols may share a node port's number. */
export class Allocations {
  readonly #owners = new Map<string, string>();

  take(kind: string, object: object, report: Report): void {
    if (kind !== "Service") return;
    const { metadata, spec } = object as V1Service;
    const claims = claimsOf(spec ?? ({} as ServiceSpec));
    let isRefused = false;
    for (const { key, finding } of claims) {
      const owner = this.#owners.get(key);
      if (owner === undefined) continue;
      report({ ...finding(), remedy: `it is taken by Service "${owner}"` });
      isRefused = true;
    }
    if (isRefused) return;
    const name = `${metadata?.namespace}/${metadata?.name}`;
    for (const { key } of claims) this.#owners.set(key, name);
  }
}

function claimsOf(spec: ServiceSpec): Claim[] {
  if (spec.type === "ExternalName") return [];
  return [...addressClaims(spec), ...nodePortClaims(spec)];
}

function addressClaims(spec: ServiceSpec): Claim[] {
  const given = clusterIpsOf(spec);
  const at = (spec.clusterIPs ?? []).length > 0 ? {} : { at: ["spec", "clusterIP"] as Segment[] };
  return given.flatMap((text) => {
    const address = canonicalAddress(text);
    if (address === undefined) return [];
    const finding = () => {
      const message = invalidValue(given, `failed to allocate IP ${text}: provided IP is already allocated`);
      return { path: ["spec", "clusterIPs"], ...at, message };
    };
    return [{ key: address, finding }];
  });
}

function nodePortClaims(spec: ServiceSpec): Claim[] {
  const claims: Claim[] = [];
  for (const [index, { nodePort, protocol }] of (spec.ports ?? []).entries()) {
    if (!nodePort) continue;
    const path = ["spec", "ports", index, "nodePort"];
    const finding = () => ({ path, message: invalidValue(nodePort, "provided port is already allocated") });
    claims.push({ key: `${protocol || "TCP"}/${nodePort}`, finding });
  }
  const port = needsHealthCheck(spec) ? spec.healthCheckNodePort : 0;
  if (!port) return claims;
  const reason = `failed to allocate requested HealthCheck NodePort ${port}: provided port is already allocated`;
  const finding = () => ({ path: ["spec", "healthCheckNodePort"], message: invalidValue(port, reason) });
  return [...claims, { key: `TCP/${port}`, finding }];
}
