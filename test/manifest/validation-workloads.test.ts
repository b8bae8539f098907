/** Workloads that the API server refuses, and its words. */

import { describe, expect, it } from "vitest";
import { DEPLOYMENT, errorsOf, patched, type Row } from "./patched.ts";
import { LABEL_WORDS, QUALIFIED_WORDS, VALUE_WORDS } from "./words.ts";

const NEGATIVE = "Invalid value: -1: must be greater than or equal to 0";
const IN = "`operator` is 'In' or 'NotIn'";
const PERCENT_WORDS =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const STATEFUL_SET = patched(DEPLOYMENT, "{kind: StatefulSet, spec: {serviceName: web}}");
const DAEMON_SET = patched(DEPLOYMENT, "{kind: DaemonSet, spec: {replicas: null}}");

const WORKLOADS: readonly Row[] = [
  ["a valid Deployment", "{}"],
  [
    "it selects its own pods",
    "{spec: {template: {metadata: {labels: {app: api}}}}}",
    'spec.template.metadata.labels: Invalid value: {"app":"api"}: `selector` does not match template `labels`',
  ],
  [
    "its selector is not empty",
    "{spec: {selector: {matchLabels: null}}}",
    "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
  ],
  [
    "a DaemonSet says its own name",
    "{kind: DaemonSet, spec: {replicas: null, selector: {matchLabels: null}}}",
    "spec.selector: Invalid value: {}: empty selector is invalid for daemonset",
  ],
  ["it has a selector", "{spec: {selector: null}}", "spec.selector: Required value"],
  [
    "replicas are counted from 0",
    "{spec: {replicas: -1}}",
    "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
  ],
  [
    "its pods run for ever",
    "{spec: {template: {spec: {restartPolicy: Never}}}}",
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    "its pods are pods",
    "{spec: {template: {spec: {containers: [{name: A}]}}}}",
    `spec.template.spec.containers[0].name: Invalid value: "A": ${LABEL_WORDS}`,
  ],
  [
    "its labels are labels, where the API server forgets their metadata",
    "{spec: {template: {metadata: {labels: {tier: a b}}}}}",
    `spec.template.labels: Invalid value: "a b": ${VALUE_WORDS}`,
  ],
  [
    "its pods have no deadline",
    "{spec: {template: {spec: {activeDeadlineSeconds: 5}}}}",
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
  ],
  ["its pods are ready after 0 s", "{spec: {minReadySeconds: -1}}", `spec.minReadySeconds: ${NEGATIVE}`],
  ["its history is counted from 0", "{spec: {revisionHistoryLimit: -1}}", `spec.revisionHistoryLimit: ${NEGATIVE}`],
  [
    "it progresses after its pods are ready",
    "{spec: {progressDeadlineSeconds: 5, minReadySeconds: 5}}",
    "spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds",
  ],
  [
    "it progresses within ten minutes unless told otherwise",
    "{spec: {minReadySeconds: 600}}",
    "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
  ],
  [
    "strategy Blue",
    "{spec: {strategy: {type: Blue}}}",
    'spec.strategy: Unsupported value: {"Type":"Blue","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
  ],
  [
    "Recreate does not roll",
    "{spec: {strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}}}",
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    "it gets somewhere",
    "{spec: {strategy: {rollingUpdate: {maxSurge: 0%, maxUnavailable: 0}}}}",
    "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
  ],
  [
    "there is no more than all",
    "{spec: {strategy: {rollingUpdate: {maxSurge: 200%, maxUnavailable: 101%}}}}",
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
  [
    "a count is a number or a percentage",
    "{spec: {strategy: {rollingUpdate: {maxSurge: -1, maxUnavailable: half}}}}",
    `spec.strategy.rollingUpdate.maxSurge: ${NEGATIVE}`,
    `spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "half": ${PERCENT_WORDS}`,
  ],
];

const SELECTORS: readonly Row[] = [
  ["one of several values", "{key: app, operator: In, values: [web, api]}"],
  ["In has values", "{key: app, operator: In}", `values: Required value: must be specified when ${IN}`],
  ["so has NotIn", "{key: app, operator: NotIn, values: []}", `values: Required value: must be specified when ${IN}`],
  [
    "Exists has none",
    "{key: app, operator: Exists, values: [a]}",
    "values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
  ],
  [
    "a key is a qualified name",
    "{key: a b, operator: DoesNotExist}",
    `key: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
  [
    "a value is a label's",
    "{key: app, operator: In, values: [web, a b]}",
    `values[1]: Invalid value: "a b": ${VALUE_WORDS}`,
  ],
  [
    "operator Like",
    "{key: app, operator: Like}",
    'operator: Invalid value: "Like": not a valid selector operator',
    'Invalid value: {"matchExpressions":[{"key":"app","operator":"Like"}]}: invalid label selector',
  ],
];

const STATEFUL_SETS: readonly Row[] = [
  ["a valid StatefulSet", "{}"],
  [
    "its name is a label, for its pods have it",
    "{metadata: {name: a.b}}",
    'metadata.name: Invalid value: "a.b": must not contain dots',
  ],
  ["ordinals are counted from 0", "{spec: {ordinals: {start: -1}}}", `spec.ordinals.start: ${NEGATIVE}`],
  [
    "policy Random",
    "{spec: {podManagementPolicy: Random}}",
    "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
  ],
  [
    "strategy Recreate",
    "{spec: {updateStrategy: {type: Recreate}}}",
    'spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
  ],
  [
    "OnDelete does not roll",
    "{spec: {updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}}}",
    "spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
  ],
  [
    "a partition is counted from 0",
    "{spec: {updateStrategy: {rollingUpdate: {partition: -1}}}}",
    `spec.updateStrategy.rollingUpdate.partition: ${NEGATIVE}`,
  ],
  [
    "one at least is replaced at a time",
    "{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 0%}}}}",
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "0%": cannot be 0',
  ],
  [
    "its pods have no deadline",
    "{spec: {template: {spec: {activeDeadlineSeconds: 5}}}}",
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
  ],
];

const DAEMON_SETS: readonly Row[] = [
  ["a valid DaemonSet", "{}"],
  ["its pods may be replaced when they are deleted", "{spec: {updateStrategy: {type: OnDelete}}}"],
  [
    "strategy Recreate",
    "{spec: {updateStrategy: {type: Recreate}}}",
    'spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
  ],
  [
    "it gets somewhere",
    "{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 0}}}}",
    "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
  ],
  [
    "it surges or goes without",
    "{spec: {updateStrategy: {rollingUpdate: {maxSurge: 1}}}}",
    "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
  ],
  ["it may surge", "{spec: {updateStrategy: {rollingUpdate: {maxSurge: 50%, maxUnavailable: 0}}}}"],
  [
    "its pods have no deadline",
    "{spec: {template: {spec: {activeDeadlineSeconds: 5}}}}",
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported",
  ],
];

describe("a workload", () => {
  it.each(WORKLOADS)("%s", (_, patch, ...expected) => expect(errorsOf(DEPLOYMENT, patch)).toEqual(expected));
});

describe("a requirement of a selector", () => {
  it.each(SELECTORS)("%s", (_, requirement, ...expected) => {
    const labels = `{metadata: {labels: {app: web}}}`;
    const patch = `{spec: {selector: {matchLabels: null, matchExpressions: [${requirement}]}, template: ${labels}}}`;
    const at = "spec.selector.matchExpressions[0]";
    const paths = expected.map((words) => (words.startsWith("Invalid") ? `spec.selector: ${words}` : `${at}.${words}`));
    const mismatch = (words: string) => !words.includes("does not match");
    expect(errorsOf(DEPLOYMENT, patch).filter(mismatch).sort()).toEqual(paths.sort());
  });
});

describe("a StatefulSet", () => {
  it.each(STATEFUL_SETS)("%s", (_, patch, ...expected) => expect(errorsOf(STATEFUL_SET, patch)).toEqual(expected));
});

describe("a DaemonSet", () => {
  it.each(DAEMON_SETS)("%s", (_, patch, ...expected) => expect(errorsOf(DAEMON_SET, patch)).toEqual(expected));
});
