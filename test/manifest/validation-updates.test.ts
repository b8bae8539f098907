/** What an update may not change. */

import { describe, expect, it } from "vitest";
import {
  DEPLOYMENT,
  ENDPOINTS,
  IP_ADDRESS,
  NODE,
  patched,
  SERVICE,
  SERVICE_CIDR,
  SLICE,
  updateErrors,
} from "./patched.ts";

const RELEASE_WORDS = "must be set to 'SingleStack' when releasing the secondary clusterIP";

const DUAL = "{spec: {clusterIPs: [10.96.0.1, 'fd00::1'], ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack}}";
const OPEN = "{spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}}";
const STATEFUL_SET = patched(DEPLOYMENT, "{kind: StatefulSet, spec: {serviceName: web}}");
const STATEFUL_SET_WORDS =
  "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";

/** Everything that only a load balancer has. */
const BALANCED = `{spec: {type: LoadBalancer, loadBalancerClass: a.b/c, externalTrafficPolicy: Local, healthCheckNodePort: 31000,
  allocateLoadBalancerNodePorts: false, ports: [{port: 80, nodePort: 30080}]}}`;

const SERVICES: readonly (readonly [
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
    "what only a load balancer has goes with its type, where it is as it was",
    SERVICE,
    BALANCED,
    BALANCED.replace("LoadBalancer", "ClusterIP"),
  ],
  [
    "what is changed together with the type is refused",
    SERVICE,
    BALANCED,
    BALANCED.replace("LoadBalancer", "ClusterIP").replace("30080", "30081").replace("31000", "31001"),
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    "spec.healthCheckNodePort: Invalid value: 31001: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    "addresses go when a Service becomes an external name",
    SERVICE,
    DUAL,
    `${DUAL.slice(0, -2)}, type: ExternalName, externalName: a.b}}`,
  ],
  [
    "other addresses do not",
    SERVICE,
    "{}",
    "{spec: {clusterIP: 10.96.0.2, type: ExternalName, externalName: a.b}}",
    "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
  ],
  [
    "a health check port stays",
    SERVICE,
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000}}",
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31001}}",
    "spec.healthCheckNodePort: Forbidden: field is immutable",
  ],
  [
    "a second family comes with a policy for two",
    SERVICE,
    "{spec: {ipFamilies: [IPv4], ipFamilyPolicy: SingleStack}}",
    "{spec: {ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack}}",
  ],
  ["a second address stays where nothing is said of it", SERVICE, DUAL, "{spec: {ipFamilyPolicy: RequireDualStack}}"],
  ["a second address goes with policy SingleStack", SERVICE, DUAL, "{spec: {ipFamilyPolicy: SingleStack}}"],
  [
    "a second family goes with policy SingleStack",
    SERVICE,
    DUAL,
    "{spec: {clusterIPs: [10.96.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack}}",
  ],
  [
    "a second family does not go alone",
    SERVICE,
    DUAL,
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::1'], ipFamilies: [IPv4], ipFamilyPolicy: PreferDualStack}}",
    `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": ${RELEASE_WORDS.replace("clusterIP", "ipFamily")}`,
  ],
  [
    "a second address stays what it is",
    SERVICE,
    DUAL,
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::2'], ipFamilyPolicy: RequireDualStack}}",
    'spec.clusterIPs[1]: Invalid value: ["10.96.0.1","fd00::2"]: may not change once set',
  ],
  [
    "addresses do not change places",
    SERVICE,
    DUAL,
    "{spec: {clusterIP: 'fd00::1', clusterIPs: ['fd00::1', 10.96.0.1], ipFamilyPolicy: RequireDualStack}}",
    'spec.clusterIPs[0]: Invalid value: ["fd00::1","10.96.0.1"]: may not change once set',
    'spec.clusterIPs[1]: Invalid value: ["fd00::1","10.96.0.1"]: may not change once set',
  ],
  [
    "a headless Service gets a second family as well",
    SERVICE,
    "{spec: {clusterIP: None, ipFamilies: [IPv4]}}",
    "{spec: {clusterIP: None, ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack}}",
  ],
  [
    "a Service that becomes an external name gives its address back",
    SERVICE,
    "{}",
    "{spec: {type: ExternalName, clusterIP: null, externalName: a.b}}",
  ],
  ["node ports go with the type", SERVICE, OPEN, "{}"],
  ["node ports come with the type", SERVICE, "{}", OPEN],
  [
    "a class goes with the type",
    SERVICE,
    "{spec: {type: LoadBalancer, loadBalancerClass: a}}",
    "{spec: {type: NodePort}}",
  ],
  [
    "a class comes with the type alone",
    SERVICE,
    "{spec: {type: LoadBalancer}}",
    "{spec: {type: LoadBalancer, loadBalancerClass: a}}",
    'spec.loadBalancerClass: Invalid value: "a": may not change once set',
  ],
  [
    "a health check port goes with its policy",
    SERVICE,
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000}}",
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Cluster}}",
  ],
  [
    "a health check port that is not given stays",
    SERVICE,
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000}}",
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local}}",
  ],
  [
    "an object stays the one it is",
    SERVICE,
    "{metadata: {uid: a}}",
    "{metadata: {uid: b}}",
    'metadata.uid: Invalid value: "b": field is immutable',
  ],
  ["ports, selectors and policies change", SERVICE, "{}", "{spec: {selector: {app: api}, ports: [{port: 81}]}}"],
];

const OTHERS: typeof SERVICES = [
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
  [
    "an address of a node is there once",
    NODE,
    "{}",
    "{status: {addresses: [{type: InternalIP, address: 10.0.0.1}, {type: InternalIP, address: 10.0.0.1}]}}",
    'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
  ],
  [
    "a node's provider stays",
    NODE,
    "{spec: {providerID: a://1}}",
    "{spec: {providerID: a://2}}",
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ],
  ["a node is cordoned", NODE, "{}", "{spec: {unschedulable: true, taints: [{key: a, effect: NoSchedule}]}}"],
  ["Endpoints change", ENDPOINTS, "{}", "{subsets: [{addresses: [{ip: 10.244.9.9}], ports: [{port: 1}]}]}"],
  ["a slice's endpoints change", SLICE, "{}", "{endpoints: [{addresses: [10.244.9.9]}]}"],
  [
    "a range stays",
    SERVICE_CIDR,
    "{}",
    "{spec: {cidrs: [10.2.0.0/16]}}",
    'spec.cidrs[0]: Invalid value: "10.2.0.0/16": field is immutable',
  ],
  ["a second family of ranges may come", SERVICE_CIDR, "{}", "{spec: {cidrs: [10.1.0.0/16, 'fd00::/112']}}"],
  [
    "but not before the first",
    SERVICE_CIDR,
    "{}",
    "{spec: {cidrs: ['fd00::/112', 10.1.0.0/16]}}",
    'spec.cidrs[0]: Invalid value: "fd00::/112": field is immutable',
  ],
  [
    "a range does not go",
    SERVICE_CIDR,
    "{spec: {cidrs: [10.1.0.0/16, 'fd00::/112']}}",
    "{}",
    'spec.cidrs: Invalid value: ["10.1.0.0/16"]: field is immutable',
  ],
  [
    "an address stays whose it is",
    IP_ADDRESS,
    "{}",
    "{spec: {parentRef: {name: api}}}",
    'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"default","Name":"api"}: field is immutable',
  ],
  ["a Deployment's pods change", DEPLOYMENT, "{}", "{spec: {replicas: 5, template: {spec: {hostNetwork: true}}}}"],
  [
    "a StatefulSet's Service stays",
    STATEFUL_SET,
    "{}",
    "{spec: {serviceName: api}}",
    `spec: Forbidden: updates to statefulset spec for fields other than ${STATEFUL_SET_WORDS} are forbidden`,
  ],
  [
    "a StatefulSet's order stays",
    STATEFUL_SET,
    "{}",
    "{spec: {podManagementPolicy: Parallel}}",
    `spec: Forbidden: updates to statefulset spec for fields other than ${STATEFUL_SET_WORDS} are forbidden`,
  ],
  ["the order by default is an order", STATEFUL_SET, "{}", "{spec: {podManagementPolicy: OrderedReady}}"],
  [
    "a StatefulSet's pods change",
    STATEFUL_SET,
    "{}",
    "{spec: {replicas: 1, minReadySeconds: 3, ordinals: {start: 2}, template: {spec: {hostNetwork: true}}}}",
  ],
];

describe("an update of a Service", () => {
  it.each(SERVICES)("%s", (_, base, before, after, ...expected) => {
    expect(updateErrors(base, before, after)).toEqual(expected);
  });
});

describe("an update", () => {
  it.each(OTHERS)("%s", (_, base, before, after, ...expected) => {
    expect(updateErrors(base, before, after)).toEqual(expected);
  });
});
