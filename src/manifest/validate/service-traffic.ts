/** Session affinity and traffic policies (validateClientIPAffinityConfig, validateServiceExternalTrafficPolicy). */

import { forbidden, invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import type { ServiceSpec } from "./service.ts";

/** One day. The message says "less than", and means "at most". */
const AFFINITY_SECONDS_MAX = 86400;

export function checkTraffic(spec: ServiceSpec, report: Report): void {
  checkAffinity(spec, report);
  if (spec.externalTrafficPolicy && !isExternallyAccessible(spec)) {
    const message = invalidValue(spec.externalTrafficPolicy, "may only be set for externally-accessible services");
    report({ path: ["spec", "externalTrafficPolicy"], message });
  }
  if (spec.healthCheckNodePort && !needsHealthCheck(spec)) {
    const reason = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    const message = invalidValue(spec.healthCheckNodePort, reason);
    report({ path: ["spec", "healthCheckNodePort"], message });
  }
}

export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

function checkAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec, report: Report): void {
  const path = ["spec", "sessionAffinityConfig"];
  if (!sessionAffinity || sessionAffinity === "None") {
    if ((sessionAffinityConfig ?? undefined) === undefined) return;
    report({ path, message: forbidden("must not be set when session affinity is None") });
    return;
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS_MAX;
  if (seconds > 0 && seconds <= AFFINITY_SECONDS_MAX) return;
  const message = invalidValue(seconds, `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`);
  report({ path: [...path, "clientIP", "timeoutSeconds"], message });
}

function isExternallyAccessible({ type, externalIPs }: ServiceSpec): boolean {
  if (type === "LoadBalancer" || type === "NodePort") return true;
  return type !== "ExternalName" && (externalIPs ?? []).length > 0;
}
