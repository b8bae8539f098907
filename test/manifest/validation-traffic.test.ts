/** What a Service's type allows, its traffic policies and its load balancer. */

import { describe, expect, it } from "vitest";
import { errorsOf, type Row, SERVICE } from "./patched.ts";
import { CIDR_WORDS, LOAD_BALANCER_WORDS, PORT_WORDS, QUALIFIED_WORDS, SUBDOMAIN_WORDS } from "./words.ts";

const EXTERNAL_NAME = "type: ExternalName, clusterIP: null, ports: null";
const ONLY_LOAD_BALANCER = `Forbidden: ${LOAD_BALANCER_WORDS}`;
const NOT_FOR_NAMES = "Forbidden: may not be set for ExternalName services";
const INGRESS = "status.loadBalancer.ingress";

const TYPES: readonly Row[] = [
  [
    "type clusterIP",
    "{spec: {type: clusterIP}}",
    'spec.type: Unsupported value: "clusterIP": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [
    "a NodePort Service is not headless",
    "{spec: {type: NodePort, clusterIP: None}}",
    "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services",
  ],
  [
    "a LoadBalancer Service is not headless",
    "{spec: {type: LoadBalancer, clusterIP: None}}",
    "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services",
  ],
  ["an external name", `{spec: {${EXTERNAL_NAME}, externalName: example.com.}}`],
  ["an external name is required", `{spec: {${EXTERNAL_NAME}}}`, "spec.externalName: Required value"],
  [
    "an external name is more than a dot",
    `{spec: {${EXTERNAL_NAME}, externalName: '.'}}`,
    "spec.externalName: Required value",
  ],
  [
    "an external name is a domain",
    `{spec: {${EXTERNAL_NAME}, externalName: a_b}}`,
    `spec.externalName: Invalid value: "a_b": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "an external name has no scheme",
    `{spec: {${EXTERNAL_NAME}, externalName: 'http://a'}}`,
    `spec.externalName: Invalid value: "http://a": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "an external name has no cluster IP",
    "{spec: {type: ExternalName, externalName: a.b}}",
    `spec.clusterIPs: ${NOT_FOR_NAMES}`,
  ],
  [
    "an external name is not headless",
    "{spec: {type: ExternalName, clusterIP: None, externalName: a.b}}",
    `spec.clusterIPs: ${NOT_FOR_NAMES}`,
  ],
  [
    "an external name has no families",
    `{spec: {${EXTERNAL_NAME}, externalName: a.b, ipFamilies: [IPv4]}}`,
    `spec.ipFamilies: ${NOT_FOR_NAMES}`,
  ],
  [
    "an external name has no policy",
    `{spec: {${EXTERNAL_NAME}, externalName: a.b, ipFamilyPolicy: SingleStack}}`,
    `spec.ipFamilyPolicy: ${NOT_FOR_NAMES}`,
  ],
];

const AFFINITY: readonly Row[] = [
  [
    "affinity clientIP",
    "{spec: {sessionAffinity: clientIP}}",
    'spec.sessionAffinity: Unsupported value: "clientIP": supported values: "ClientIP", "None"',
  ],
  [
    "no affinity has no configuration",
    "{spec: {sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}}}",
    "spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None",
  ],
  [
    "affinity None has no configuration",
    "{spec: {sessionAffinity: None, sessionAffinityConfig: {}}}",
    "spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None",
  ],
  ["affinity without a timeout has three hours", "{spec: {sessionAffinity: ClientIP}}"],
  [
    "affinity for 0 s",
    "{spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}}}",
    "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400",
  ],
  [
    "affinity for -1 s",
    "{spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: -1}}}}",
    "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: -1: must be greater than 0 and less than 86400",
  ],
  [
    "affinity for more than a day",
    "{spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}}}",
    "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
  ],
  [
    "affinity for a day",
    "{spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}}}",
  ],
];

const POLICIES: readonly Row[] = [
  [
    "an external policy needs a way in",
    "{spec: {externalTrafficPolicy: Local}}",
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    "so does Cluster",
    "{spec: {externalTrafficPolicy: Cluster}}",
    'spec.externalTrafficPolicy: Invalid value: "Cluster": may only be set for externally-accessible services',
  ],
  ["an external IP is a way in", "{spec: {externalTrafficPolicy: Local, externalIPs: [192.0.2.1]}}"],
  [
    "external policy local",
    "{spec: {type: NodePort, externalTrafficPolicy: local}}",
    'spec.externalTrafficPolicy: Unsupported value: "local": supported values: "Cluster", "Local"',
  ],
  [
    "internal policy Node",
    "{spec: {internalTrafficPolicy: Node}}",
    'spec.internalTrafficPolicy: Unsupported value: "Node": supported values: "Cluster", "Local"',
  ],
  ["distribution PreferSameNode", "{spec: {trafficDistribution: PreferSameNode}}"],
  ["distribution PreferSameZone", "{spec: {trafficDistribution: PreferSameZone}}"],
  [
    "distribution PreferZone",
    "{spec: {trafficDistribution: PreferZone}}",
    'spec.trafficDistribution: Unsupported value: "PreferZone": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
  ],
  [
    "health checks are for load balancers",
    "{spec: {type: NodePort, externalTrafficPolicy: Local, healthCheckNodePort: 31000}}",
    "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    "health checks are for Local",
    "{spec: {type: LoadBalancer, healthCheckNodePort: 31000}}",
    "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    "health check port 70000",
    "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 70000}}",
    `spec.healthCheckNodePort: Invalid value: 70000: ${PORT_WORDS}`,
  ],
  ["a health check port", "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000}}"],
];

const LOAD_BALANCERS: readonly Row[] = [
  [
    "source ranges are a load balancer's",
    "{spec: {loadBalancerSourceRanges: [10.0.0.0/8]}}",
    `spec.LoadBalancerSourceRanges: ${ONLY_LOAD_BALANCER}`,
  ],
  [
    "a source range is a CIDR",
    "{spec: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0]}}",
    `spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": ${CIDR_WORDS}`,
  ],
  [
    "a source range has no leading zeros and is not IPv4 in IPv6",
    "{spec: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/08, 010.0.0.0/8, '::ffff:10.0.0.0/104']}}",
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length',
    'spec.LoadBalancerSourceRanges[1]: Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length',
    'spec.LoadBalancerSourceRanges[2]: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address',
  ],
  [
    "a source range may have spaces around it",
    "{spec: {type: LoadBalancer, loadBalancerSourceRanges: [' 10.0.0.0/8 ']}}",
  ],
  [
    "the annotation's ranges are a load balancer's",
    "{metadata: {annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8}}}",
    `metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: ${ONLY_LOAD_BALANCER}`,
  ],
  [
    "the annotation's ranges are CIDRs",
    "{metadata: {annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, x'}}, spec: {type: LoadBalancer}}",
    `metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": ${CIDR_WORDS}`,
  ],
  [
    "a class is a load balancer's",
    "{spec: {loadBalancerClass: a.b/c}}",
    `spec.loadBalancerClass: ${ONLY_LOAD_BALANCER}`,
  ],
  [
    "a class is a qualified name",
    "{spec: {type: LoadBalancer, loadBalancerClass: a b}}",
    `spec.loadBalancerClass: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
  [
    "a class is not empty",
    "{spec: {type: LoadBalancer, loadBalancerClass: ''}}",
    'spec.loadBalancerClass: Invalid value: "": name part must be non-empty',
    `spec.loadBalancerClass: Invalid value: "": name part ${QUALIFIED_WORDS}`,
  ],
  [
    "node ports are allocated for load balancers",
    "{spec: {allocateLoadBalancerNodePorts: false}}",
    `spec.allocateLoadBalancerNodePorts: ${ONLY_LOAD_BALANCER}`,
  ],
  [
    "so true says nothing either",
    "{spec: {type: NodePort, allocateLoadBalancerNodePorts: true}}",
    `spec.allocateLoadBalancerNodePorts: ${ONLY_LOAD_BALANCER}`,
  ],
  [
    "only a load balancer has ingress",
    "{status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}",
    `${INGRESS}: Forbidden: may only be used when \`spec.type\` is 'LoadBalancer'`,
  ],
  [
    "a mode needs an address",
    "{spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{hostname: a.b, ipMode: VIP}]}}}",
    `${INGRESS}[0].ipMode: Forbidden: may not be specified when \`ip\` is not set`,
  ],
  [
    "mode vip",
    "{spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{ip: 192.0.2.1, ipMode: vip}]}}}",
    `${INGRESS}[0].ipMode: Unsupported value: "vip": supported values: "Proxy", "VIP"`,
  ],
  [
    "a host name is no address",
    "{spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{hostname: 192.0.2.1}]}}}",
    `${INGRESS}[0].hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address`,
  ],
  [
    "a host name is a domain",
    "{spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{hostname: A}]}}}",
    `${INGRESS}[0].hostname: Invalid value: "A": ${SUBDOMAIN_WORDS}`,
  ],
];

describe("a Service's type", () => {
  it.each(TYPES)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});

describe("session affinity", () => {
  it.each(AFFINITY)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});

describe("traffic policies", () => {
  it.each(POLICIES)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});

describe("a load balancer", () => {
  it.each(LOAD_BALANCERS)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});
