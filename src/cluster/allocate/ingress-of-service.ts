/** Where a load balancer stands, in a Service's status: as given, else from the pool, as MetalLB's controller writes it. */

import type { V1Service } from "../../manifest/kubernetes.ts";
import { canonicalAddress } from "../../network/address.ts";
import type { IpFamily } from "../types.ts";
import type { LoadBalancerPool } from "./load-balancer.ts";
import type { ReportField } from "./services.ts";

/** Addresses that a user asks MetalLB for, separated by commas: its own annotation, the older one. */
const REQUEST_ANNOTATIONS = ["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"];

export function reserveIngress(status: V1Service["status"], pool: LoadBalancerPool): void {
  for (const { ip } of status?.loadBalancer?.ingress ?? []) {
    const address = canonicalAddress(ip ?? "");
    if (address !== undefined) pool.reserve(address);
  }
}

/** A Service of another class is another controller's. */
export function allocateIngress(service: V1Service, pool: LoadBalancerPool, report: ReportField): V1Service {
  const { spec = {}, status } = service;
  const isAssigned = (status?.loadBalancer?.ingress ?? []).length > 0;
  if (spec.type !== "LoadBalancer" || isAssigned || pool.isEmpty() || spec.loadBalancerClass) return service;
  const addresses = requested(service) ?? [];
  for (const address of addresses) {
    const fault = pool.request(address);
    if (fault !== undefined) {
      report("spec.loadBalancerIP", `Failed to allocate IP for ${nameIn(service)}: ${fault}`);
      return service;
    }
  }
  if (addresses.length === 0) addresses.push(...fromPool((spec.ipFamilies ?? []) as IpFamily[], pool));
  if (addresses.length === 0) {
    report("status.loadBalancer", `Failed to allocate IP for ${nameIn(service)}: no available IPs`);
    return service;
  }
  const ingress = addresses.map((ip) => ({ ip, ipMode: "VIP" }));
  return { ...service, status: { ...status, loadBalancer: { ingress } } };
}

/** MetalLB says which Service by its key. */
function nameIn({ metadata }: V1Service): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function requested({ metadata, spec }: V1Service): string[] | undefined {
  const annotation = REQUEST_ANNOTATIONS.map((name) => metadata?.annotations?.[name]).find(Boolean);
  const text = annotation ?? spec?.loadBalancerIP;
  return text?.split(",").flatMap((part) => canonicalAddress(part.trim()) ?? []);
}

/** One address of each family that the pools have. */
function fromPool(families: readonly IpFamily[], pool: LoadBalancerPool): string[] {
  return families.flatMap((family) => pool.allocate(family) ?? []);
}
