/** What is wrong with a manifest, where, in which words: one row per mistake. */

import { describe, expect, it } from "vitest";
import { parseManifests } from "../../src/manifest/parse.ts";
import type { Problem } from "../../src/manifest/types.ts";

/** `line:column: object: path: message`, and the remedy in brackets. */
function told({ place, object, path, message, remedy }: Problem): string {
  const where = place === undefined ? [] : [`${place.line}:${place.column}`];
  const text = [...where, ...[object, path, message].filter((part) => part !== undefined)].join(": ");
  return remedy === undefined ? text : `${text} [${remedy}]`;
}

function problemsOf(text: string): string[] {
  return parseManifests(text, "test.yaml").problems.map(told);
}

/** A Service whose spec is given, from line 4 on. */
function service(...spec: readonly string[]): string {
  return ["apiVersion: v1", "kind: Service", "metadata: {name: web}", ...spec, ""].join("\n");
}

/** An EndpointSlice, its own fields from line 4 on. */
function slice(...fields: readonly string[]): string {
  return ["apiVersion: discovery.k8s.io/v1", "kind: EndpointSlice", "metadata: {name: web-1}", ...fields, ""].join(
    "\n",
  );
}

const WEB = 'Service "default/web"';
const SLICE = 'EndpointSlice "default/web-1"';
const PROTOCOLS = 'supported values: "SCTP", "TCP", "UDP"';
const ADDRESS_WORDS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const ROWS: readonly (readonly [name: string, text: string, ...problems: string[]])[] = [
  ["a well-formed Service has no problem", service("spec: {ports: [{port: 80}]}")],
  [
    "null counts as not given",
    service(
      "spec:",
      "  ports: null",
      "  selector:",
      "  clusterIP: None",
      "  externalIPs:",
      "status: {loadBalancer: {}}",
    ),
  ],
  ["an empty enumeration counts as not given", service('spec: {type: "", ports: [{port: 80, protocol: ""}]}')],
  ["kinds that are not read are nobody's fault", "apiVersion: batch/v1\nkind: Job\nspec: 7\n"],
  ["a Service of another maker is another kind", "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: 7\n"],
  [
    "status may hold fields that this version does not know",
    service("spec: {ports: [{port: 80}]}", "status: {newThing: 1}"),
  ],
  [
    "an unknown field is told with what may have been meant",
    service("spec:", "  ports:", "  - port: 80", "    targetprt: 8080"),
    `7:5: ${WEB}: unknown field "spec.ports[0].targetprt" [did you mean "targetPort"?]`,
  ],
  [
    "an unknown field like nothing known is told without a guess",
    service("spec:", "  colour: red"),
    `5:3: ${WEB}: unknown field "spec.colour"`,
  ],
  [
    "letter case matters in field names",
    service("spec:", "  clusterip: 10.0.0.1"),
    `5:3: ${WEB}: unknown field "spec.clusterip" [did you mean "clusterIP"?]`,
  ],
  [
    "field names of JavaScript's own objects are unknown too",
    service("spec:", "  constructor: 1", "  __proto__: 2"),
    `5:3: ${WEB}: unknown field "spec.constructor"`,
    `6:3: ${WEB}: unknown field "spec.__proto__"`,
  ],
  [
    "a quoted number is no number",
    service("spec:", "  ports:", '  - port: "80"'),
    `6:11: ${WEB}: spec.ports[0].port: invalid type: got "string", expected "integer"`,
  ],
  [
    "a label must be a string",
    service("spec:", "  selector:", "    version: 1", "    enabled: yes"),
    `6:14: ${WEB}: spec.selector.version: invalid type: got "integer", expected "string" [put it in quotes]`,
    `7:14: ${WEB}: spec.selector.enabled: invalid type: got "boolean", expected "string" [put it in quotes]`,
  ],
  [
    "a key with dots is written in brackets",
    service("spec:", "  selector:", "    app.kubernetes.io/name: 1"),
    `6:29: ${WEB}: spec.selector[app.kubernetes.io/name]: invalid type: got "integer", expected "string" [put it in quotes]`,
  ],
  [
    "a list is no mapping, and the other way round",
    service("spec:", "  ports:", "    port: 80", "  selector: [app]"),
    `5:3: ${WEB}: spec.ports: invalid type: got "map", expected "array"`,
    `7:3: ${WEB}: spec.selector: invalid type: got "array", expected "map"`,
  ],
  [
    "an item that is empty is told",
    service("spec:", "  ports:", "  - port: 80", "  -"),
    `7:3: ${WEB}: spec.ports[1]: invalid type: got "null", expected "map"`,
  ],
  [
    "a required field is missing",
    service("spec:", "  ports:", "  - name: http", "    targetPort: 8080"),
    `6:5: ${WEB}: spec.ports[0].port: Required value`,
  ],
  [
    "ports go from 1 to 65535",
    service(
      "spec:",
      "  ports:",
      "  - {name: a, port: 0}",
      "  - {name: b, port: 65536}",
      "  - {name: c, port: 80, targetPort: 0}",
    ),
    `6:21: ${WEB}: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`,
    `7:21: ${WEB}: spec.ports[1].port: Invalid value: 65536: must be between 1 and 65535, inclusive`,
  ],
  [
    "a port is a whole number",
    service("spec: {ports: [{port: 80.5}]}"),
    `4:23: ${WEB}: spec.ports[0].port: invalid type: got "number", expected "integer"`,
  ],
  [
    "a target port's name has a letter, and 15 characters at most",
    service(
      "spec:",
      "  ports:",
      "  - {name: a, port: 1, targetPort: '8080'}",
      "  - {name: b, port: 2, targetPort: a-very-long-name}",
    ),
    `6:36: ${WEB}: spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z)`,
    `7:36: ${WEB}: spec.ports[1].targetPort: Invalid value: "a-very-long-name": must be no more than 15 characters`,
  ],
  [
    "protocols are written in capitals",
    service("spec: {ports: [{port: 80, protocol: tcp}]}"),
    `4:37: ${WEB}: spec.ports[0].protocol: Unsupported value: "tcp": ${PROTOCOLS} [did you mean "TCP"?]`,
  ],
  [
    "a short word that looks a little like a known one is not that one",
    service("spec: {ports: [{port: 80, protocol: HTTP}]}"),
    `4:37: ${WEB}: spec.ports[0].protocol: Unsupported value: "HTTP": ${PROTOCOLS}`,
  ],
  [
    "several ports have names, and no name twice",
    service("spec: {ports: [{port: 1}, {port: 2, name: a}, {port: 3, name: a}]}"),
    `4:16: ${WEB}: spec.ports[0].name: Required value`,
    `4:63: ${WEB}: spec.ports[2].name: Duplicate value: "a"`,
  ],
  [
    "a port is served once for each protocol",
    service(
      "spec:",
      "  ports:",
      "  - {port: 53, name: a}",
      "  - {port: 53, name: b, protocol: UDP}",
      "  - {port: 53, name: c}",
    ),
    `8:5: ${WEB}: spec.ports[2]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":53,"TargetPort":0,"NodePort":0}`,
  ],
  [
    "addresses are well-formed, without leading zeros",
    service(
      "spec:",
      "  clusterIP: 10.0.0.256",
      "  externalIPs: [1.2.3, 010.0.0.1, 'fd00::1::2', fd00::1]",
      "  ports: [{port: 80}]",
    ),
    `5:14: ${WEB}: spec.clusterIPs[0]: Invalid value: "10.0.0.256": ${ADDRESS_WORDS}`,
    `6:17: ${WEB}: spec.externalIPs[0]: Invalid value: "1.2.3": ${ADDRESS_WORDS}`,
    `6:24: ${WEB}: spec.externalIPs[1]: Invalid value: "010.0.0.1": must not have leading 0s`,
    `6:35: ${WEB}: spec.externalIPs[2]: Invalid value: "fd00::1::2": ${ADDRESS_WORDS}`,
  ],
  [
    "source ranges are CIDRs",
    service(
      "spec:",
      "  type: LoadBalancer",
      "  ports: [{port: 80}]",
      "  loadBalancerSourceRanges: [10.0.0.0/8, 10.0.0.0/33, 10.0.0.1]",
    ),
    `7:42: ${WEB}: spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    `7:55: ${WEB}: spec.LoadBalancerSourceRanges[2]: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
  ],
  [
    "a name is required",
    "apiVersion: v1\nkind: Service\nmetadata:\n  namespace: shop\nspec: {clusterIP: None}\n",
    '3:1: Service "shop/": metadata.name: Required value: name or generateName is required',
  ],
  [
    "an object without metadata has no name",
    "apiVersion: v1\nkind: Node\n",
    '1:1: Node "": metadata.name: Required value: name or generateName is required',
  ],
  [
    "names are DNS names",
    "apiVersion: v1\nkind: Node\nmetadata:\n  name: Node_1\n",
    `4:9: Node "Node_1": metadata.name: Invalid value: "Node_1": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "a missing apiVersion is told with the one to add",
    "kind: EndpointSlice\nmetadata: {name: web-1}\n",
    `1:1: ${SLICE}: apiVersion: apiVersion not set [add apiVersion: discovery.k8s.io/v1]`,
  ],
  [
    "an apiVersion that has no such kind",
    "apiVersion: v1\nkind: EndpointSlice\nmetadata: {name: web-1}\n",
    `1:13: ${SLICE}: apiVersion: no matches for kind "EndpointSlice" in version "v1" [use apiVersion: discovery.k8s.io/v1]`,
  ],
  [
    "a kind that there is not",
    "apiVersion: v1\nkind: Servce\nmetadata: {name: web}\n",
    '2:7: kind: no matches for kind "Servce" in version "v1" [did you mean "Service"?]',
  ],
  [
    "kinds that there are, though nothing reads them",
    "apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: a}}]\n---\napiVersion: v1\nkind: Secret\n",
  ],
  ["a missing kind", "\n\napiVersion: v1\nmetadata: {name: web}\n", "3:1: kind: kind not set"],
  [
    "an object that says nothing of itself",
    "name: web\n",
    "1:1: apiVersion: apiVersion not set",
    "1:1: kind: kind not set",
  ],
  [
    "a document that is no object",
    "hello\n---\n- 1\n",
    "1:1: not a Kubernetes object: expected a mapping with apiVersion and kind",
    "3:1: not a Kubernetes object: expected a mapping with apiVersion and kind",
  ],
  [
    "a name is used twice",
    `${service("spec: {clusterIP: 10.0.0.1, ports: [{port: 1}]}")}---\n${service("spec: {clusterIP: 10.0.0.1, ports: [{port: 1}]}")}`,
    `6:1: ${WEB}: services "web" already exists [the first one is at test.yaml:1:1]`,
  ],
  [
    "a key stands twice",
    service("spec:", "  ports: [{port: 80}]", "  type: NodePort", "  type: ClusterIP"),
    '7:3: key "type" already set in map',
  ],
  [
    "each document tells its own syntax error, and the good ones are read",
    `a: [1\n---\n${service("spec: {prots: 1}")}---\nb: 'x\n`,
    "2:1: invalid YAML: deficient indentation",
    `6:8: ${WEB}: unknown field "spec.prots" [did you mean "ports"?]`,
    "9:1: invalid YAML: deficient indentation",
  ],
  ["tabs do not indent", "a:\n\tb: 1\n", "2:1: invalid YAML: tab characters must not be used in indentation"],
  [
    "endpoints are of the slice's address type",
    slice("addressType: IPv4", "endpoints:", "- addresses: [10.0.0.1, fd00::1]"),
    `6:25: ${SLICE}: endpoints[0].addresses[1]: Invalid value: "fd00::1": must be a valid IPv4 address`,
  ],
  [
    "a slice has an address type, an endpoint addresses",
    slice("endpoints:", "- conditions: {ready: true}"),
    `1:1: ${SLICE}: addressType: Required value`,
    `5:3: ${SLICE}: endpoints[0].addresses: Required value: must contain at least 1 address`,
  ],
  [
    "an item of a List has its own place and paths of its own",
    [
      "apiVersion: v1",
      "kind: List",
      "items:",
      "- apiVersion: v1",
      "  kind: Service",
      "  metadata: {name: web}",
      "  spec: {prots: 1}",
      "",
    ].join("\n"),
    `7:10: ${WEB}: unknown field "spec.prots" [did you mean "ports"?]`,
  ],
  [
    "items of a typed list need not say their kind",
    "apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: web}\n  spec: 1\n",
    `5:9: ${WEB}: spec: invalid type: got "integer", expected "map"`,
  ],
  [
    "a list has items",
    "apiVersion: v1\nkind: List\nitems: 3\n",
    '3:8: List: items: invalid type: got "integer", expected "array"',
  ],
  [
    "an alias stands where it is used",
    service("spec:", "  ports: &ports", "  - port: x", "  externalIPs: *ports"),
    `6:11: ${WEB}: spec.ports[0].port: invalid type: got "string", expected "integer"`,
    `7:16: ${WEB}: spec.externalIPs[0]: invalid type: got "map", expected "string"`,
  ],
  [
    "JSON has places too",
    '{"apiVersion": "v1", "kind": "Service",\n "metadata": {"name": "web"},\n "spec": {"ports": [{"port": "80"}]}}',
    `3:30: ${WEB}: spec.ports[0].port: invalid type: got "string", expected "integer"`,
  ],
  ["JSON that breaks off", '{"kind":\n "Service"', "2:11: invalid JSON: unexpected end of JSON input"],
  ["JSON without a comma", '{"kind": "Service"\n"a": 1}', '2:1: invalid JSON: expected "," or "}", found "\\""'],
  [
    "the second of two JSON objects in a row",
    '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}\n{"apiVersion":"v1","kind":"Node"}',
    '2:1: Node "": metadata.name: Required value: name or generateName is required',
  ],
];

describe("problems", () => {
  it.each(ROWS)("%s", (_, text, ...expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it("are told in the order of the lines, whoever found them", () => {
    const lines = parseManifests("hello\n---\na: [1\n---\nhello\n", "test.yaml").problems.map(
      ({ place }) => place?.line,
    );
    expect(lines).toEqual([1, 4, 5]);
  });

  it("show the line that they are about, cut when it is long", () => {
    const padding = " ".repeat(500);
    const [problem] = parseManifests(
      `{"kind": "Service",${padding}"apiVersion": 1,${padding}"metadata": {}}`,
      "x",
    ).problems;
    expect(problem?.place?.excerpt?.text.length).toBeLessThanOrEqual(120);
    expect(problem?.place?.excerpt?.text.slice(problem.place.excerpt.caret)).toMatch(/^1,/);
  });
});
