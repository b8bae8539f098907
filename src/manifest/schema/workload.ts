/** apps/v1 workloads: what makes pods. */

import { apiObject, OBJECT_META } from "./common.ts";
import { POD_SPEC } from "./pod.ts";
import { list, map, type ObjectSchema, object, type Schema, unread } from "./types.ts";

/** meta/v1 LabelSelector. */
const LABEL_SELECTOR = object({
  matchLabels: map("string"),
  matchExpressions: list(object({ key: "string", operator: "string", values: list("string") }, ["key", "operator"])),
});

const TEMPLATE = object({ metadata: OBJECT_META, spec: POD_SPEC });

const ROLLOUT = object({
  type: "string",
  rollingUpdate: object({ maxUnavailable: "count", maxSurge: "count", partition: "integer" }),
});

export const DEPLOYMENT = workload({
  ...unread("paused"),
  progressDeadlineSeconds: "integer",
  replicas: "integer",
  revisionHistoryLimit: "integer",
  strategy: ROLLOUT,
});

export const REPLICA_SET = workload({ replicas: "integer" });

export const STATEFUL_SET = workload({
  ...unread("persistentVolumeClaimRetentionPolicy", "volumeClaimTemplates"),
  ordinals: object({ start: "integer" }),
  podManagementPolicy: "string",
  replicas: "integer",
  revisionHistoryLimit: "integer",
  serviceName: "string",
  updateStrategy: ROLLOUT,
});

export const DAEMON_SET = workload({ revisionHistoryLimit: "integer", updateStrategy: ROLLOUT });

function workload(fields: Readonly<Record<string, Schema>>): ObjectSchema {
  const spec = object({ minReadySeconds: "integer", ...fields, selector: LABEL_SELECTOR, template: TEMPLATE }, [
    "selector",
    "template",
  ]);
  return apiObject({ spec, status: "any" }, ["spec"]);
}
