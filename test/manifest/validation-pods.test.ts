/** Nodes and pods that the API server refuses, and its words. */

import { describe, expect, it } from "vitest";
import { errorsOf, NODE, POD, type Row } from "./patched.ts";
import { CIDR_WORDS, LABEL_WORDS, PORT_WORDS, QUALIFIED_WORDS, SUBDOMAIN_WORDS, VALUE_WORDS } from "./words.ts";

const FAMILY_WORDS = "may specify no more than one CIDR for each IP family";

const NODES: readonly Row[] = [
  ["a valid Node", "{}"],
  ["a range is a CIDR", "{spec: {podCIDRs: [10.0.0.0]}}", `spec.podCIDRs[0]: Invalid value: "10.0.0.0": ${CIDR_WORDS}`],
  [
    "two ranges are of two families",
    "{spec: {podCIDRs: [10.244.1.0/24, 10.244.2.0/24]}}",
    `spec.podCIDRs: Invalid value: ["10.244.1.0/24","10.244.2.0/24"]: ${FAMILY_WORDS}`,
  ],
  [
    "two ranges are all",
    "{spec: {podCIDRs: [10.244.1.0/24, 'fd00::/64', 'fd01::/64']}}",
    `spec.podCIDRs: Invalid value: ["10.244.1.0/24","fd00::/64","fd01::/64"]: ${FAMILY_WORDS}`,
  ],
  [
    "a range is there once",
    "{spec: {podCIDRs: [10.244.1.0/24, 10.244.1.0/24]}}",
    `spec.podCIDRs: Invalid value: ["10.244.1.0/24","10.244.1.0/24"]: ${FAMILY_WORDS}`,
  ],
  [
    "a taint has a key and an effect",
    "{spec: {taints: [{value: a}]}}",
    'metadata.taints[0].key: Invalid value: "": name part must be non-empty',
    `metadata.taints[0].key: Invalid value: "": name part ${QUALIFIED_WORDS}`,
    "metadata.taints[0].effect: Required value",
  ],
  [
    "a taint's value is a label's",
    "{spec: {taints: [{key: a, value: a b, effect: NoExecute}]}}",
    `metadata.taints[0].value: Invalid value: "a b": ${VALUE_WORDS}`,
  ],
  [
    "effect NoRun",
    "{spec: {taints: [{key: a, effect: NoRun}]}}",
    'metadata.taints[0].effect: Unsupported value: "NoRun": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    "a taint is there once",
    "{spec: {taints: [{key: a, value: b, effect: NoSchedule}, {key: a, effect: NoSchedule}]}}",
    'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
  ],
];

const PODS: readonly Row[] = [
  ["a valid Pod", "{}"],
  ["a container has a name", "{spec: {containers: [{image: web}]}}", "spec.containers[0].name: Required value"],
  [
    "a container's name is a label",
    "{spec: {containers: [{name: A}]}}",
    `spec.containers[0].name: Invalid value: "A": ${LABEL_WORDS}`,
  ],
  [
    "a container's name is its own",
    "{spec: {containers: [{name: a}, {name: a}]}}",
    'spec.containers[1].name: Duplicate value: "a"',
  ],
  [
    "a port's name is its own",
    "{spec: {containers: [{name: a, ports: [{name: p, containerPort: 1}, {name: p, containerPort: 2}]}]}}",
    'spec.containers[0].ports[1].name: Duplicate value: "p"',
  ],
  [
    "a port's name has a letter",
    "{spec: {containers: [{name: a, ports: [{name: '1', containerPort: 1}]}]}}",
    'spec.containers[0].ports[0].name: Invalid value: "1": must contain at least one letter (a-z)',
  ],
  [
    "a port has a number",
    "{spec: {containers: [{name: a, ports: [{name: p}]}]}}",
    "spec.containers[0].ports[0].containerPort: Required value",
  ],
  [
    "container port 65536",
    "{spec: {containers: [{name: a, ports: [{containerPort: 65536}]}]}}",
    `spec.containers[0].ports[0].containerPort: Invalid value: 65536: ${PORT_WORDS}`,
  ],
  [
    "host port -1",
    "{spec: {containers: [{name: a, ports: [{containerPort: 1, hostPort: -1}]}]}}",
    `spec.containers[0].ports[0].hostPort: Invalid value: -1: ${PORT_WORDS}`,
  ],
  [
    "a host port is taken once",
    "{spec: {containers: [{name: a, ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]}]}}",
    'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    "on the host's network ports are the host's",
    "{spec: {hostNetwork: true, containers: [{name: a, ports: [{containerPort: 1, hostPort: 80}]}]}}",
    "spec.containers[0].ports[0].containerPort: Invalid value: 1: must match `hostPort` when `hostNetwork` is true",
  ],
  ["a host name is a label", "{spec: {hostname: a.b}}", 'spec.hostname: Invalid value: "a.b": must not contain dots'],
  ["a subdomain is a label", "{spec: {subdomain: A}}", `spec.subdomain: Invalid value: "A": ${LABEL_WORDS}`],
  ["a node's name is a domain", "{spec: {nodeName: A}}", `spec.nodeName: Invalid value: "A": ${SUBDOMAIN_WORDS}`],
  [
    "a pod that waits at a gate is on no node",
    "{spec: {schedulingGates: [{name: a.b/c}]}}",
    "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
  ],
  [
    "two addresses are of two families",
    "{status: {podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}]}}",
    'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
  ],
];

describe("a Node", () => {
  it.each(NODES)("%s", (_, patch, ...expected) => expect(errorsOf(NODE, patch)).toEqual(expected));
});

describe("a Pod", () => {
  it.each(PODS)("%s", (_, patch, ...expected) => expect(errorsOf(POD, patch)).toEqual(expected));
});
