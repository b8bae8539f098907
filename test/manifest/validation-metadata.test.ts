/** Names, labels and ports of Services that the API server refuses, and its words: a patch over a valid Service for each. */

import { describe, expect, it } from "vitest";
import { errorsOf, POD, type Row, SERVICE } from "./patched.ts";
import { LABEL_WORDS, PORT_WORDS, QUALIFIED_WORDS, SUBDOMAIN_WORDS, VALUE_WORDS } from "./words.ts";

const PROTOCOLS = 'supported values: "SCTP", "TCP", "UDP"';

const LONG = "x".repeat(64);

const METADATA: readonly Row[] = [
  ["a valid Service", "{}"],
  ["a name may start with a digit", "{metadata: {name: 1web}}"],
  ["a name is required", "{metadata: {name: ''}}", "metadata.name: Required value: name or generateName is required"],
  ["a name has no capitals", "{metadata: {name: Web}}", `metadata.name: Invalid value: "Web": ${LABEL_WORDS}`],
  ["a name has no dots", "{metadata: {name: a.b}}", 'metadata.name: Invalid value: "a.b": must not contain dots'],
  [
    "a name ends with a letter or digit",
    "{metadata: {name: web-}}",
    `metadata.name: Invalid value: "web-": ${LABEL_WORDS}`,
  ],
  [
    "a name is short",
    `{metadata: {name: ${LONG}}}`,
    `metadata.name: Invalid value: "${LONG}": must be no more than 63 characters`,
  ],
  ["a namespace is a label", "{metadata: {namespace: A}}", `metadata.namespace: Invalid value: "A": ${LABEL_WORDS}`],
  [
    "a label's key is a qualified name",
    "{metadata: {labels: {a b: x}}}",
    `metadata.labels: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
  [
    "a label's prefix is a domain",
    "{metadata: {labels: {A/b: x}}}",
    `metadata.labels: Invalid value: "A/b": prefix part ${SUBDOMAIN_WORDS}`,
  ],
  [
    "a label's prefix is not empty",
    "{metadata: {labels: {/b: x}}}",
    'metadata.labels: Invalid value: "/b": prefix part must be non-empty',
  ],
  [
    "a label has one prefix",
    "{metadata: {labels: {a/b/c: x}}}",
    `metadata.labels: Invalid value: "a/b/c": a valid label key ${QUALIFIED_WORDS} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
  ],
  [
    "a label's name is not empty",
    "{metadata: {labels: {a/: x}}}",
    'metadata.labels: Invalid value: "a/": name part must be non-empty',
    `metadata.labels: Invalid value: "a/": name part ${QUALIFIED_WORDS}`,
  ],
  [
    "a label's value has no spaces",
    "{metadata: {labels: {a: x y}}}",
    `metadata.labels: Invalid value: "x y": ${VALUE_WORDS}`,
  ],
  [
    "a label's value is short",
    `{metadata: {labels: {a: ${LONG}}}}`,
    `metadata.labels: Invalid value: "${LONG}": must be no more than 63 bytes`,
  ],
  [
    "an annotation's key is a qualified name",
    "{metadata: {annotations: {a b: x}}}",
    `metadata.annotations: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
  ["an annotation's key may have capitals anywhere", "{metadata: {annotations: {Example.COM/Name: x}}}"],
  [
    "annotations have a size",
    `{metadata: {annotations: {a: ${"x".repeat(262144)}}}}`,
    "metadata.annotations: Too long: may not be more than 262144 bytes",
  ],
  [
    "topology annotations agree",
    "{metadata: {annotations: {service.kubernetes.io/topology-aware-hints: auto, service.kubernetes.io/topology-mode: x}}}",
    'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "x": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
  ],
  [
    "a selector is made of labels",
    "{spec: {selector: {a b: x}}}",
    `spec.selector: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
  [
    "a selector's value is a label's",
    "{spec: {selector: {app: '-'}}}",
    `spec.selector: Invalid value: "-": ${VALUE_WORDS}`,
  ],
];

const PORTS: readonly Row[] = [
  ["ports are required", "{spec: {ports: []}}", "spec.ports: Required value"],
  ["a headless Service needs none", "{spec: {clusterIP: None, ports: []}}"],
  ["port 0", "{spec: {ports: [{port: 0}]}}", `spec.ports[0].port: Invalid value: 0: ${PORT_WORDS}`],
  ["port -1", "{spec: {ports: [{port: -1}]}}", `spec.ports[0].port: Invalid value: -1: ${PORT_WORDS}`],
  ["port 65536", "{spec: {ports: [{port: 65536}]}}", `spec.ports[0].port: Invalid value: 65536: ${PORT_WORDS}`],
  ["no port", "{spec: {ports: [{name: a}]}}", "spec.ports[0].port: Required value"],
  [
    "several ports are named",
    "{spec: {ports: [{port: 1}, {port: 2}]}}",
    "spec.ports[0].name: Required value",
    "spec.ports[1].name: Required value",
  ],
  [
    "a port's name is a label",
    "{spec: {ports: [{name: Http, port: 1}]}}",
    `spec.ports[0].name: Invalid value: "Http": ${LABEL_WORDS}`,
  ],
  [
    "a port's name has no dots",
    "{spec: {ports: [{name: h.t, port: 1}]}}",
    'spec.ports[0].name: Invalid value: "h.t": must not contain dots',
  ],
  [
    "a port's name is short",
    `{spec: {ports: [{name: ${LONG}, port: 1}]}}`,
    `spec.ports[0].name: Invalid value: "${LONG}": must be no more than 63 characters`,
  ],
  [
    "a port's name is its own",
    "{spec: {ports: [{name: a, port: 1}, {name: a, port: 2}]}}",
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    "a port is there once",
    "{spec: {ports: [{name: a, port: 1}, {name: b, port: 1}]}}",
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}',
  ],
  [
    "a port is there once for each protocol",
    "{spec: {ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}}",
  ],
  [
    "protocol tcp",
    "{spec: {ports: [{port: 1, protocol: tcp}]}}",
    `spec.ports[0].protocol: Unsupported value: "tcp": ${PROTOCOLS}`,
  ],
  [
    "protocol ICMP",
    "{spec: {ports: [{port: 1, protocol: ICMP}]}}",
    `spec.ports[0].protocol: Unsupported value: "ICMP": ${PROTOCOLS}`,
  ],
  [
    "target port 65536",
    "{spec: {ports: [{port: 1, targetPort: 65536}]}}",
    `spec.ports[0].targetPort: Invalid value: 65536: ${PORT_WORDS}`,
  ],
  [
    "target port -1",
    "{spec: {ports: [{port: 1, targetPort: -1}]}}",
    `spec.ports[0].targetPort: Invalid value: -1: ${PORT_WORDS}`,
  ],
  [
    "a target port's name has a letter",
    "{spec: {ports: [{port: 1, targetPort: '80'}]}}",
    'spec.ports[0].targetPort: Invalid value: "80": must contain at least one letter (a-z)',
  ],
  [
    "a target port's name is short",
    "{spec: {ports: [{port: 1, targetPort: abcdefghijklmnop}]}}",
    'spec.ports[0].targetPort: Invalid value: "abcdefghijklmnop": must be no more than 15 characters',
  ],
  [
    "a target port's name has no capitals",
    "{spec: {ports: [{port: 1, targetPort: Http}]}}",
    'spec.ports[0].targetPort: Invalid value: "Http": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [
    "a target port's name has single hyphens",
    "{spec: {ports: [{port: 1, targetPort: a--b}]}}",
    'spec.ports[0].targetPort: Invalid value: "a--b": must not contain consecutive hyphens',
  ],
  [
    "a target port's name has hyphens inside",
    "{spec: {ports: [{port: 1, targetPort: -a}]}}",
    'spec.ports[0].targetPort: Invalid value: "-a": must not begin or end with a hyphen',
  ],
  [
    "everything wrong with a name is told",
    "{spec: {ports: [{port: 1, targetPort: '8--'}]}}",
    ...[
      "must contain at least one letter (a-z)",
      "must not contain consecutive hyphens",
      "must not begin or end with a hyphen",
    ].map((words) => `spec.ports[0].targetPort: Invalid value: "8--": ${words}`),
  ],
  [
    "an application protocol is a qualified name",
    "{spec: {ports: [{port: 1, appProtocol: a b}]}}",
    `spec.ports[0].appProtocol: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
  ["an application protocol of one's own", "{spec: {ports: [{port: 1, appProtocol: example.com/mine}]}}"],
  [
    "a ClusterIP Service has no node port",
    "{spec: {ports: [{port: 1, nodePort: 30080}]}}",
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    "node port 65536",
    "{spec: {type: NodePort, ports: [{port: 1, nodePort: 65536}]}}",
    `spec.ports[0].nodePort: Invalid value: 65536: ${PORT_WORDS}`,
  ],
  [
    "a node port is there once",
    "{spec: {type: NodePort, ports: [{name: a, port: 1, nodePort: 30080}, {name: b, port: 2, nodePort: 30080}]}}",
    "spec.ports[1].nodePort: Duplicate value: 30080",
  ],
  [
    "a node port is there once for each protocol",
    "{spec: {type: NodePort, ports: [{name: a, port: 1, nodePort: 30080}, {name: b, port: 1, nodePort: 30080, protocol: UDP}]}}",
  ],
];

describe("numbers that are not ports", () => {
  it("are not bound to be ports", () => {
    expect(errorsOf(SERVICE, "{metadata: {generation: 70000, deletionGracePeriodSeconds: -1}}")).toEqual([]);
    expect(errorsOf(POD, "{spec: {activeDeadlineSeconds: 100000, terminationGracePeriodSeconds: 86400}}")).toEqual([]);
  });
});

describe("a Service's metadata", () => {
  it.each(METADATA)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});

describe("a Service's ports", () => {
  it.each(PORTS)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});
