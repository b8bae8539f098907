/** apps/v1 workloads: what makes pods. Of their strategies and histories nothing is read. */

import { apiObject, OBJECT_META } from "./common.ts";
import { POD_SPEC } from "./pod.ts";
import { list, map, type ObjectSchema, object, type Schema, unread } from "./types.ts";

/** meta/v1 LabelSelector. */
const LABEL_SELECTOR = object({
  matchLabels: map("string"),
  matchExpressions: list(object({ key: "string", operator: "string", values: list("string") }, ["key", "operator"])),
});

const TEMPLATE = object({ metadata: OBJECT_META, spec: POD_SPEC });

export const DEPLOYMENT = workload({
  ...unread("minReadySeconds", "paused", "progressDeadlineSeconds", "revisionHistoryLimit", "strategy"),
  replicas: "integer",
});

export const REPLICA_SET = workload({ ...unread("minReadySeconds"), replicas: "integer" });

export const STATEFUL_SET = workload({
  ...unread("minReadySeconds", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy", "revisionHistoryLimit"),
  ...unread("updateStrategy", "volumeClaimTemplates"),
  ordinals: object({ start: "integer" }),
  replicas: "integer",
  serviceName: "string",
});

export const DAEMON_SET = workload(unread("minReadySeconds", "revisionHistoryLimit", "updateStrategy"));

function workload(fields: Readonly<Record<string, Schema>>): ObjectSchema {
  const spec = object({ ...fields, selector: LABEL_SELECTOR, template: TEMPLATE }, ["selector", "template"]);
  return apiObject({ spec, status: "any" }, ["spec"]);
}
