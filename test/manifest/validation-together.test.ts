/** What an update may not change, and what two Services cannot both have. */

import { describe, expect, it } from "vitest";
import { DEPLOYMENT, errorsTogether, NODE, patched, SERVICE, SLICE, updateErrors } from "./patched.ts";
import { PORT_WORDS } from "./words.ts";

const RELEASE_WORDS = "must be set to 'SingleStack' when releasing the secondary clusterIP";

const UPDATES: readonly (readonly [
  fact: string,
  base: string,
  before: string,
  after: string,
  ...problems: string[],
])[] = [
  ["nothing changed", SERVICE, "{}", "{}"],
  [
    "a cluster IP stays",
    SERVICE,
    "{}",
    "{spec: {clusterIP: 10.96.0.2}}",
    'spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set',
  ],
  ["a cluster IP that is not given stays", SERVICE, "{}", "{spec: {clusterIP: null}}"],
  [
    "a Service does not become headless",
    SERVICE,
    "{}",
    "{spec: {clusterIP: None}}",
    'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
  ],
  [
    "a headless Service does not get an address",
    SERVICE,
    "{spec: {clusterIP: None}}",
    "{}",
    'spec.clusterIPs[0]: Invalid value: ["10.96.0.1"]: may not change once set',
  ],
  [
    "an external name may become a Service",
    SERVICE,
    "{spec: {type: ExternalName, clusterIP: null, externalName: a.b}}",
    "{}",
  ],
  [
    "a second address may come",
    SERVICE,
    "{}",
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::1'], ipFamilyPolicy: PreferDualStack}}",
  ],
  [
    "a second address goes with its policy",
    SERVICE,
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::1'], ipFamilyPolicy: PreferDualStack}}",
    "{spec: {clusterIPs: [10.96.0.1], ipFamilyPolicy: PreferDualStack}}",
    `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": ${RELEASE_WORDS}`,
  ],
  [
    "the first family stays",
    SERVICE,
    "{spec: {clusterIP: null, ipFamilies: [IPv4]}}",
    "{spec: {clusterIP: null, ipFamilies: [IPv6]}}",
    'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
  ],
  [
    "a class stays",
    SERVICE,
    "{spec: {type: LoadBalancer, loadBalancerClass: a}}",
    "{spec: {type: LoadBalancer, loadBalancerClass: b}}",
    'spec.loadBalancerClass: Invalid value: "b": may not change once set',
  ],
  [
    "a class does not go",
    SERVICE,
    "{spec: {type: LoadBalancer, loadBalancerClass: a}}",
    "{spec: {type: LoadBalancer}}",
    'spec.loadBalancerClass: Invalid value: "null": may not change once set',
  ],
  [
    "a health check port stays",
    SERVICE,
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000}}",
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31001}}",
    "spec.healthCheckNodePort: Forbidden: field is immutable",
  ],
  [
    "a slice's type stays",
    SLICE,
    "{}",
    "{addressType: IPv6, endpoints: []}",
    'addressType: Invalid value: "IPv6": field is immutable',
  ],
  [
    "a node's range stays",
    NODE,
    "{}",
    "{spec: {podCIDR: 10.244.2.0/24, podCIDRs: [10.244.2.0/24]}}",
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ],
  ["a node may get a range", NODE, "{spec: null}", "{}"],
  [
    "a selector stays",
    DEPLOYMENT,
    "{}",
    "{spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}}}}",
    'spec.selector: Invalid value: {"matchLabels":{"app":"api"}}: field is immutable',
  ],
];

describe("an update", () => {
  it.each(UPDATES)("%s", (_, base, before, after, ...expected) => {
    expect(updateErrors(base, before, after)).toEqual(expected);
  });
});

describe("Services together", () => {
  const web = (patch: string) => patched(SERVICE, patch);
  const other = (fields: string) => web(`{metadata: {name: api}, spec: {${fields}}}`);
  const open = "type: NodePort, ports: [{port: 1, nodePort: 30080}]";

  it("do not share a cluster IP, however it is written", () => {
    expect(errorsTogether(web("{}"), other("clusterIP: 10.96.0.1"))).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ]);
    expect(errorsTogether(web("{spec: {clusterIP: 'fd00::1'}}"), other("clusterIP: 'FD00:0::1'"))).toEqual([
      'spec.clusterIPs: Invalid value: ["FD00:0::1"]: failed to allocate IP FD00:0::1: provided IP is already allocated',
    ]);
    expect(errorsTogether(web("{spec: {clusterIP: None}}"), other("clusterIP: None"))).toEqual([]);
  });

  it("do not share a node port, unless of another protocol", () => {
    const first = web(`{spec: {${open}}}`);
    expect(errorsTogether(first, other(`clusterIP: 10.96.0.2, ${open}`))).toEqual([
      "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
    ]);
    expect(
      errorsTogether(first, other(`clusterIP: 10.96.0.2, ${open.replace("port: 1,", "port: 1, protocol: UDP,")}`)),
    ).toEqual([]);
  });

  it("do not share a port for health checks", () => {
    const local = "type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30080";
    expect(errorsTogether(web(`{spec: {${open}}}`), other(`clusterIP: 10.96.0.2, ${local}`))).toEqual([
      "spec.healthCheckNodePort: Invalid value: 30080: failed to allocate requested HealthCheck NodePort 30080: provided port is already allocated",
    ]);
  });

  it("that are refused take nothing", () => {
    const refused = web("{metadata: {name: bad}, spec: {ports: [{port: 0}]}}");
    expect(errorsTogether(refused, web("{}"))).toEqual([`spec.ports[0].port: Invalid value: 0: ${PORT_WORDS}`]);
  });
});
