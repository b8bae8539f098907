/** What is valid and still hardly meant. */

import { describe, expect, it } from "vitest";
import { DEPLOYMENT, ENDPOINTS, NODE, POD, patched, SERVICE, SLICE, warningsOf } from "./patched.ts";

const EXTERNAL_NAME = "type: ExternalName, clusterIP: null, ports: null";

const SERVICES: readonly (readonly [fact: string, patch: string, ...warnings: string[]])[] = [
  ["an ordinary Service", "{}"],
  [
    "external IPs",
    "{spec: {externalIPs: [192.0.2.1]}}",
    "spec.externalIPs: deprecated and may no longer be implemented in some clusters",
  ],
  [
    "external IPs of a headless Service",
    "{spec: {clusterIP: None, externalIPs: [192.0.2.1]}}",
    "spec.externalIPs: ignored for headless services",
  ],
  [
    "affinity of a headless Service",
    "{spec: {clusterIP: None, sessionAffinity: ClientIP}}",
    "spec.sessionAffinity: ignored for headless services",
  ],
  [
    "an address as an external name",
    `{spec: {${EXTERNAL_NAME}, externalName: 192.0.2.1}}`,
    "spec.externalName: looks like an address, is taken for a name",
  ],
  [
    "an external name of another type",
    "{spec: {externalName: a.b}}",
    'spec.externalName: ignored when spec.type is not "ExternalName"',
  ],
  [
    "an address in unusual spelling",
    "{spec: {clusterIP: 'FD00::0:1'}}",
    'spec.clusterIPs[0]: IPv6 address "FD00::0:1" should be in RFC 5952 canonical format ("fd00::1")',
  ],
  [
    "a range with bits behind its length",
    "{spec: {type: LoadBalancer, loadBalancerSourceRanges: [10.1.2.3/8]}}",
    'spec.loadBalancerSourceRanges[0]: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)',
  ],
  [
    "a load balancer's address asked for",
    "{spec: {type: LoadBalancer, loadBalancerIP: 192.0.2.1}}",
    "spec.loadBalancerIP: deprecated since v1.24: its meaning depends on the load balancer",
  ],
  [
    "PreferClose",
    "{spec: {trafficDistribution: PreferClose}}",
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ],
  [
    "topology-aware hints",
    "{metadata: {annotations: {service.kubernetes.io/topology-aware-hints: auto}}}",
    "metadata.annotations[service.kubernetes.io/topology-aware-hints]: annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead",
  ],
  [
    "a node port out of the usual range",
    "{spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}",
    "spec.ports[0].nodePort: provided port is not in the valid range. The range of valid ports is 30000-32767",
  ],
  [
    "a name that starts with a digit",
    "{metadata: {name: 1web}}",
    "metadata.name: starts with a digit: not accepted before Kubernetes 1.36",
  ],
];

describe("a warning is for", () => {
  it.each(SERVICES)("%s", (_, patch, ...expected) => {
    expect(warningsOf(patched(SERVICE, patch))).toEqual(expected);
  });

  it("Endpoints and slices of names", () => {
    expect(warningsOf(patched(ENDPOINTS))).toEqual([
      "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ]);
    expect(warningsOf(patched(SLICE, "{addressType: FQDN, endpoints: []}"))).toEqual([
      "addressType: FQDN type is deprecated.",
    ]);
  });
});

describe("Services that share a node port's number", () => {
  const web = patched(SERVICE, "{spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}}");
  const api = (protocol: string) =>
    patched(
      SERVICE,
      `{metadata: {name: api}, spec: {type: NodePort, clusterIP: 10.96.0.2, ports: [{port: 80, nodePort: 30080, protocol: ${protocol}}]}}`,
    );

  it("are two to the API server's allocator, of whatever protocol", () => {
    expect(warningsOf(web, api("UDP"))).toEqual([
      'spec.ports[0].nodePort: 30080 is also a node port of Service "default/web"',
    ]);
  });

  it("are one where they are one", () => {
    const ports = "[{name: a, port: 80, nodePort: 30080}, {name: b, port: 80, protocol: UDP, nodePort: 30080}]";
    expect(warningsOf(patched(SERVICE, `{spec: {type: NodePort, ports: ${ports}}}`))).toEqual([]);
  });
});

describe("a Service and its pods", () => {
  const named = "{spec: {ports: [{port: 80, targetPort: web}]}}";

  it("fit", () => expect(warningsOf(patched(SERVICE), patched(POD))).toEqual([]));

  it("do not find each other", () => {
    const nothing = ["spec.selector: selects no pod of these manifests"];
    expect(warningsOf(patched(SERVICE), patched(POD, "{metadata: {labels: {app: api}}}"))).toEqual(nothing);
    expect(warningsOf(patched(SERVICE), patched(POD, "{metadata: {namespace: shop}}"))).toEqual(nothing);
    expect(warningsOf(patched(SERVICE), patched(DEPLOYMENT))).toEqual([]);
  });

  it("do not agree on a port's name", () => {
    const nobody = ['spec.ports[0].targetPort: no container of the selected pods has a TCP port named "web"'];
    expect(warningsOf(patched(SERVICE, named), patched(POD))).toEqual(nobody);
    expect(warningsOf(patched(SERVICE, named.replace("web", "http")), patched(POD))).toEqual([]);
    expect(warningsOf(patched(SERVICE, named))).toEqual([]);
  });
});

describe("a Service and its slices", () => {
  const local = patched(SERVICE, "{spec: {type: LoadBalancer, externalTrafficPolicy: Local}}");

  it("fit", () => expect(warningsOf(local, patched(SLICE), patched(NODE))).toEqual([]));

  it("know no node that could be local", () => {
    expect(warningsOf(local, patched(SLICE, "{endpoints: [{addresses: [10.244.1.5]}]}"))).toEqual([
      "spec.externalTrafficPolicy: no endpoint has a nodeName: none is local anywhere, and nothing is let through",
    ]);
  });

  it("count an endpoint once", () => {
    expect(warningsOf(patched(SERVICE), patched(SLICE), patched(SLICE, "{metadata: {name: web-2}}"))).toEqual([
      "endpoint 10.244.1.5 is listed twice",
    ]);
  });

  it("know each other by a label", () => {
    expect(warningsOf(patched(SERVICE), patched(SLICE, "{metadata: {labels: null}}"))).toEqual([
      "metadata.labels: no label kubernetes.io/service-name: it belongs to no Service",
    ]);
    expect(
      warningsOf(patched(SERVICE), patched(SLICE, "{metadata: {labels: {kubernetes.io/service-name: api}}}")),
    ).toEqual(['metadata.labels[kubernetes.io/service-name]: there is no Service "default/api" in these manifests']);
  });
});
