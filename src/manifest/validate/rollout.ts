/** How a workload's pods are replaced (ValidateDeploymentStrategy, ValidateDaemonSetUpdateStrategy, ValidateStatefulSetSpec). */

import type { Segment } from "../position.ts";
import { forbidden, invalidValue, requiredValue, unsupportedValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkNotNegative } from "./numbers.ts";

type Count = number | string;

export interface RollingUpdate {
  readonly maxUnavailable?: Count | null;
  readonly maxSurge?: Count | null;
  readonly partition?: number | null;
}

export interface Rollout {
  readonly type?: string | null;
  readonly rollingUpdate?: RollingUpdate | null;
}

const ROLLING_UPDATE = "RollingUpdate";
const NO_PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

export function checkDeploymentStrategy(strategy: Rollout, report: Report): void {
  const path = ["spec", "strategy"];
  const type = strategy.type || ROLLING_UPDATE;
  const rolling = strategy.rollingUpdate ?? undefined;
  if (type === "Recreate") {
    const reason = "may not be specified when strategy `type` is 'Recreate'";
    if (rolling !== undefined) report({ path: [...path, "rollingUpdate"], message: forbidden(reason) });
  } else if (type !== ROLLING_UPDATE) {
    report({ path, message: unsupportedValue(internal(strategy), ["Recreate", ROLLING_UPDATE]) });
  } else {
    const { maxUnavailable = "25%", maxSurge = "25%" } = withoutNull(rolling);
    const at = [...path, "rollingUpdate"];
    checkCount(maxUnavailable, [...at, "maxUnavailable"], report);
    checkCount(maxSurge, [...at, "maxSurge"], report);
    if (isZero(maxUnavailable) && isZero(maxSurge)) {
      const message = invalidValue(maxUnavailable, "may not be 0 when `maxSurge` is 0");
      report({ path: [...at, "maxUnavailable"], message });
    }
    checkNotAboveAll(maxUnavailable, [...at, "maxUnavailable"], report);
  }
}

export function checkDaemonSetStrategy(strategy: Rollout, report: Report): void {
  const path = ["spec", "updateStrategy"];
  const type = strategy.type || ROLLING_UPDATE;
  if (type === "OnDelete") return;
  if (type !== ROLLING_UPDATE) {
    report({ path, message: unsupportedValue(internal(strategy), [ROLLING_UPDATE, "OnDelete"]) });
    return;
  }
  const { maxUnavailable = 1, maxSurge = 0 } = withoutNull(strategy.rollingUpdate);
  const at = [...path, "rollingUpdate"];
  for (const [field, count] of Object.entries({ maxUnavailable, maxSurge })) {
    checkCount(count, [...at, field], report);
    checkNotAboveAll(count, [...at, field], report);
  }
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    const message = invalidValue(maxSurge, "may not be set when maxUnavailable is non-zero");
    report({ path: [...at, "maxSurge"], message });
  } else if (isZero(maxUnavailable) && isZero(maxSurge)) {
    report({ path: [...at, "maxUnavailable"], message: requiredValue("cannot be 0 when maxSurge is 0") });
  }
}

export function checkStatefulSetStrategy(strategy: Rollout, report: Report): void {
  const path = ["spec", "updateStrategy"];
  const type = strategy.type || ROLLING_UPDATE;
  const rolling = strategy.rollingUpdate ?? undefined;
  const at = [...path, "rollingUpdate"];
  if (type === "OnDelete") {
    const message = invalidValue(internalRollingUpdate(rolling), `only allowed for updateStrategy '${ROLLING_UPDATE}'`);
    if (rolling !== undefined) report({ path: at, message });
  } else if (type !== ROLLING_UPDATE) {
    report({ path, message: invalidValue(internal(strategy), `must be '${ROLLING_UPDATE}' or 'OnDelete'`) });
  } else {
    const { partition, maxUnavailable } = withoutNull(rolling);
    checkNotNegative(partition, [...at, "partition"], report);
    if (maxUnavailable === undefined) return;
    const place = [...at, "maxUnavailable"];
    checkCount(maxUnavailable, place, report);
    if (isZero(maxUnavailable)) report({ path: place, message: invalidValue(maxUnavailable, "cannot be 0") });
    checkNotAboveAll(maxUnavailable, place, report);
  }
}

/** ValidatePositiveIntOrPercent. */
function checkCount(count: Count, path: readonly Segment[], report: Report): void {
  if (typeof count === "number") checkNotNegative(count, path, report);
  else if (!/^[0-9]+%$/.test(count)) report({ path, message: invalidValue(count, NO_PERCENT) });
}

function checkNotAboveAll(count: Count, path: readonly Segment[], report: Report): void {
  if (typeof count === "number" || !/^[0-9]+%$/.test(count) || Number.parseInt(count, 10) <= 100) return;
  report({ path, message: invalidValue(count, "must not be greater than 100%") });
}

function isZero(count: Count): boolean {
  return typeof count === "number" ? count === 0 : !/^0*[1-9][0-9]*%?$/.test(count);
}

/** The API server prints its own type. */
function internal({ type, rollingUpdate }: Rollout): object {
  return { Type: type, RollingUpdate: internalRollingUpdate(rollingUpdate) };
}

function internalRollingUpdate(rolling: RollingUpdate | null | undefined): object | null {
  if (!rolling) return null;
  return Object.fromEntries(
    Object.entries(rolling).map(([field, value]) => [field.charAt(0).toUpperCase() + field.slice(1), value]),
  );
}

function withoutNull(rolling: RollingUpdate | null | undefined): {
  maxUnavailable?: Count;
  maxSurge?: Count;
  partition?: number;
} {
  return Object.fromEntries(Object.entries(rolling ?? {}).filter(([, value]) => value !== null));
}
