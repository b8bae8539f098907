/** What of a Pod may change once it is there (ValidatePodUpdate): images, and a few numbers and lists in one direction. */

import type { V1Pod } from "../kubernetes.ts";
import { formatPath, type Segment } from "../position.ts";
import { canonical, changedPaths } from "./changes.ts";
import { forbidden, invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { podSpecWithDefaults, type Spec } from "./pod-defaults.ts";
import { isStored } from "./stored.ts";

const INT32_MAX = 2 ** 31 - 1;
const SPEC: readonly Segment[] = ["spec"];
const UPDATABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

export function checkPodUpdate(after: V1Pod, before: V1Pod, report: Report): void {
  const isMerged = isStored(before);
  const former = podSpecWithDefaults(before.spec);
  const given = podSpecWithDefaults(after.spec);
  if (!checkContainers(given, former, report) || !checkDeadline(given, former, isMerged, report)) return;
  checkTolerations(given, former, report);
  checkGates(given, former, report);
  const isGated = (former.schedulingGates ?? []).length > 0;
  if (isGated) checkNodeSelector(given, former, report);
  checkRest(given, former, isMerged, isGated, report);
}

/** Containers stay as many as they are; only if they do is the rest looked at. */
function checkContainers(spec: Spec, former: Spec, report: Report): boolean {
  for (const field of ["containers", "initContainers"] as const) {
    const containers = spec[field] ?? [];
    const path = [...SPEC, field];
    if (containers.length !== (former[field] ?? []).length) {
      report({ path, message: forbidden("pod updates may not add or remove containers") });
      return false;
    }
    for (const [index, { image }] of containers.entries()) {
      const at = [...path, index, "image"];
      if (!image) report({ path: at, message: requiredValue() });
      else if (image.trim() !== image) {
        report({ path: at, message: invalidValue(image, "must not have leading or trailing whitespace") });
      }
    }
  }
  return true;
}

/** It comes, and goes down; it does not go away. */
function checkDeadline(spec: Spec, former: Spec, isMerged: boolean, report: Report): boolean {
  const seconds = spec.activeDeadlineSeconds ?? undefined;
  const formerly = former.activeDeadlineSeconds ?? undefined;
  const complain = (reason: string): void => {
    report({ path: [...SPEC, "activeDeadlineSeconds"], message: invalidValue(seconds ?? null, reason) });
  };
  if (seconds === undefined) {
    if (formerly !== undefined && !isMerged) complain("must not update from a positive integer to nil value");
    return true;
  }
  if (seconds < 0 || seconds > INT32_MAX) complain(`must be between 0 and ${INT32_MAX}, inclusive`);
  else if (formerly !== undefined && formerly < seconds) complain("must be less than or equal to previous value");
  else return true;
  return false;
}

/** Those that are there stay, but for how long they last. */
function checkTolerations(spec: Spec, former: Spec, report: Report): void {
  const lasting = ({ tolerations }: Spec) =>
    (tolerations ?? []).map(({ tolerationSeconds: _, ...toleration }) => canonical(toleration));
  const given = lasting(spec);
  if (given.length === 0 || lasting(former).every((toleration) => given.includes(toleration))) return;
  const message = forbidden("existing toleration can not be modified except its tolerationSeconds");
  report({ path: [...SPEC, "tolerations"], message });
}

function checkGates(spec: Spec, former: Spec, report: Report): void {
  const known = new Set((former.schedulingGates ?? []).map(({ name }) => name));
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (known.has(name)) continue;
    const message = forbidden(`only deletion is allowed, but found new scheduling gate '${name}'`);
    report({ path: [...SPEC, "schedulingGates", index, "name"], message });
  }
}

/** A pod that waits at a gate may still be told more about where it shall run. */
function checkNodeSelector({ nodeSelector }: Spec, former: Spec, report: Report): void {
  const given = nodeSelector ?? {};
  if (Object.entries(former.nodeSelector ?? {}).every(([key, value]) => given[key] === value)) return;
  const reason = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  report({ path: [...SPEC, "nodeSelector"], message: invalidValue(given, reason) });
}

/** Everything else. Of a gated pod's affinity nothing is said: parts of it may be narrowed. */
function checkRest(spec: Spec, former: Spec, isMerged: boolean, isGated: boolean, report: Report): void {
  const changed = changedPaths(judged(spec, former, isGated), judged(former, former, isGated), isMerged, SPEC);
  const [first] = changed;
  if (first === undefined) return;
  const message = forbidden(`pod updates may not change fields other than ${UPDATABLE}`);
  report({ path: SPEC, at: first, message, remedy: `changed: ${changed.map(formatPath).join(", ")}` });
}

/** The spec without what has been looked at already. */
function judged(spec: Spec, former: Spec, isGated: boolean): object {
  const { activeDeadlineSeconds: _, tolerations: __, schedulingGates: ___, ...rest } = spec;
  const seconds = former.terminationGracePeriodSeconds ?? 0;
  const isMended = seconds < 0 && spec.terminationGracePeriodSeconds === 1;
  const withoutImage = (containers: Spec["containers"] | undefined) =>
    (containers ?? []).map(({ image: _, ...container }) => container);
  return {
    ...rest,
    containers: withoutImage(spec.containers),
    initContainers: withoutImage(spec.initContainers),
    ...(isMended ? { terminationGracePeriodSeconds: seconds } : {}),
    ...(isGated ? { nodeSelector: undefined, affinity: undefined } : {}),
  };
}
