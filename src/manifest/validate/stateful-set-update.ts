/** What of a StatefulSet stays as it was made (ValidateStatefulSetUpdate). */

import type { Workload } from "../kubernetes.ts";
import { changedPaths } from "./changes.ts";
import { forbidden } from "./errors.ts";
import type { Report } from "./finding.ts";
import { isStored } from "./stored.ts";

const MUTABLE = [
  ...["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"],
  ...["persistentVolumeClaimRetentionPolicy", "minReadySeconds"],
] as const;

export function checkStatefulSetUpdate(after: Workload, before: Workload, report: Report): void {
  const [first] = changedPaths(fixed(after), fixed(before), isStored(before), ["spec"]);
  if (first === undefined) return;
  const names = MUTABLE.map((field) => `'${field}'`);
  const listed = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const message = forbidden(`updates to statefulset spec for fields other than ${listed} are forbidden`);
  report({ path: ["spec"], at: first, message });
}

function fixed({ spec }: Workload): object {
  const mutable: ReadonlySet<string> = new Set(MUTABLE);
  const rest = Object.entries(spec).filter(([field]) => !mutable.has(field));
  return { podManagementPolicy: "OrderedReady", ...Object.fromEntries(rest) };
}
