/** What of a Pod may change once it is there. */

import { describe, expect, it } from "vitest";
import { parseManifests } from "../../src/manifest/parse.ts";
import { checkUpdate } from "../../src/manifest/validate/update.ts";
import { POD, patched, updateErrors } from "./patched.ts";

const FORBIDDEN =
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const CONTAINERS = "pod updates may not add or remove containers";
const GATED = "{spec: {nodeName: null, schedulingGates: [{name: a}, {name: b}], nodeSelector: {zone: a}}}";
const STORED = "{metadata: {uid: u, resourceVersion: '1'}, spec: {priority: 0, serviceAccountName: default}}";

const container = (fields: string) => `{spec: {containers: [{name: web, ${fields}}]}}`;

const UPDATES: readonly (readonly [fact: string, before: string, after: string, ...problems: string[]])[] = [
  ["nothing changed", "{}", "{}"],
  ["labels and annotations", "{}", "{metadata: {labels: {app: api}, annotations: {a: b}}}"],
  ["an image", "{}", container("image: web:2, ports: [{name: http, containerPort: 8080}]")],
  ["an image stays an image", "{}", container("image: ''"), "spec.containers[0].image: Required value", FORBIDDEN],
  [
    "an image without spaces",
    "{}",
    container("image: 'web ', ports: [{name: http, containerPort: 8080}]"),
    'spec.containers[0].image: Invalid value: "web ": must not have leading or trailing whitespace',
  ],
  [
    "no container comes",
    "{}",
    "{spec: {containers: [{name: web}, {name: more}]}}",
    `spec.containers: Forbidden: ${CONTAINERS}`,
  ],
  ["no container goes", "{spec: {initContainers: [{name: a}]}}", "{}", `spec.initContainers: Forbidden: ${CONTAINERS}`],
  ["no port changes", "{}", container("image: web, ports: [{name: http, containerPort: 8081}]"), FORBIDDEN],
  [
    "what is written out is what is meant",
    "{}",
    container("image: web, ports: [{name: http, containerPort: 8080, protocol: TCP}]"),
  ],
  ["a node stays", "{}", "{spec: {nodeName: node2}}", FORBIDDEN],
  ["a host's network stays", "{spec: {hostNetwork: true}}", "{}", FORBIDDEN],
  ["a host name stays", "{}", "{spec: {hostname: a}}", FORBIDDEN],
  ["the policy by default is a policy", "{}", "{spec: {restartPolicy: Always, dnsPolicy: ClusterFirst}}"],
  ["a policy stays", "{}", "{spec: {restartPolicy: Never}}", FORBIDDEN],
  ["a deadline comes", "{}", "{spec: {activeDeadlineSeconds: 60}}"],
  ["a deadline comes nearer", "{spec: {activeDeadlineSeconds: 60}}", "{spec: {activeDeadlineSeconds: 0}}"],
  [
    "a deadline is not put off",
    "{spec: {activeDeadlineSeconds: 60}}",
    "{spec: {activeDeadlineSeconds: 61}}",
    "spec.activeDeadlineSeconds: Invalid value: 61: must be less than or equal to previous value",
  ],
  [
    "a deadline does not go",
    "{spec: {activeDeadlineSeconds: 60}}",
    "{}",
    "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
  ],
  [
    "a deadline is a number of seconds",
    "{}",
    "{spec: {activeDeadlineSeconds: -1}}",
    "spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive",
  ],
  ["a toleration comes", "{spec: {tolerations: [{key: a}]}}", "{spec: {tolerations: [{key: b}, {key: a}]}}"],
  [
    "a toleration lasts longer",
    "{spec: {tolerations: [{key: a, tolerationSeconds: 1}]}}",
    "{spec: {tolerations: [{tolerationSeconds: 9, key: a}]}}",
  ],
  [
    "a toleration stays",
    "{spec: {tolerations: [{key: a}]}}",
    "{spec: {tolerations: [{key: b}]}}",
    "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
  ],
  ["a grace period stays", "{}", "{spec: {terminationGracePeriodSeconds: 1}}", FORBIDDEN],
  ["a grace period by default is one", "{}", "{spec: {terminationGracePeriodSeconds: 30}}"],
  [
    "a negative grace period becomes 1",
    "{spec: {terminationGracePeriodSeconds: -5}}",
    "{spec: {terminationGracePeriodSeconds: 1}}",
  ],
  [
    "a negative grace period does not become 2",
    "{spec: {terminationGracePeriodSeconds: -5}}",
    "{spec: {terminationGracePeriodSeconds: 2}}",
    FORBIDDEN,
  ],
  ["a gate goes", GATED, "{spec: {nodeName: null, schedulingGates: [{name: b}], nodeSelector: {zone: a}}}"],
  [
    "no gate comes",
    GATED,
    "{spec: {nodeName: null, schedulingGates: [{name: a}, {name: c}], nodeSelector: {zone: a}}}",
    "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c'",
  ],
  ["at a gate a selector is narrowed", GATED, "{spec: {nodeName: null, nodeSelector: {zone: a, disk: ssd}}}"],
  [
    "at a gate a selector is not changed",
    GATED,
    "{spec: {nodeName: null, nodeSelector: {zone: b}}}",
    'spec.nodeSelector: Invalid value: {"zone":"b"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ],
  [
    "past the gate it stays",
    "{spec: {nodeSelector: {zone: a}}}",
    "{spec: {nodeSelector: {zone: a, disk: ssd}}}",
    FORBIDDEN,
  ],
  ["what an API server has filled in stays", STORED, "{}"],
  ["even where the manifest does not say it", STORED, "{spec: {nodeName: null}}"],
];

describe("an update of a Pod", () => {
  it.each(UPDATES)("%s", (_, before, after, ...expected) => {
    expect(updateErrors(POD, before, after)).toEqual(expected);
  });

  it("that is refused says what has changed, and where", () => {
    const read = (patch: string) => parseManifests(patched(POD, patch), "pod.json");
    const after = read(`{spec: {hostname: a, containers: [{name: web, image: b, ports: [{containerPort: 1}]}]}}`);
    const [problem] = checkUpdate(after, read("{}"));
    expect(problem?.remedy).toBe(
      "changed: spec.containers[0].ports[0].name, spec.containers[0].ports[0].containerPort, spec.hostname",
    );
    expect(problem?.place?.column).toBeGreaterThan(1);
  });
});
