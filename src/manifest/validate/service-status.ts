/** What a load balancer has reported (ValidateLoadBalancerStatus). */

import { canonicalAddress } from "../../network/address.ts";
import type { V1Service } from "../kubernetes.ts";
import { forbidden, invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { subdomainFaults } from "./names.ts";

export function checkLoadBalancerStatus({ spec, status }: V1Service, report: Report): void {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const path = ["status", "loadBalancer", "ingress"];
  if (ingress.length > 0 && spec?.type !== "LoadBalancer") {
    report({ path, message: forbidden("may only be used when `spec.type` is 'LoadBalancer'") });
  }
  for (const [index, { ip, ipMode, hostname }] of ingress.entries()) {
    if (ipMode && !ip) {
      report({ path: [...path, index, "ipMode"], message: forbidden("may not be specified when `ip` is not set") });
    }
    if (!hostname) continue;
    const reasons = [...subdomainFaults(hostname)];
    if (canonicalAddress(hostname) !== undefined) reasons.push("must be a DNS name, not an IP address");
    for (const reason of reasons) {
      report({ path: [...path, index, "hostname"], message: invalidValue(hostname, reason) });
    }
  }
}
