/** core/v1 Service. */

import { apiObject, PROTOCOL } from "./common.ts";
import { choice, list, map, object, openObject } from "./types.ts";

const TRAFFIC_POLICY = choice("Cluster", "Local");

const SERVICE_PORT = object(
  {
    name: "dnsLabel",
    protocol: PROTOCOL,
    port: "port",
    targetPort: "targetPort",
    nodePort: "portOrZero",
    appProtocol: "string",
  },
  ["port"],
);

const LOAD_BALANCER_INGRESS = object({
  ip: "address",
  hostname: "string",
  ipMode: choice("Proxy", "VIP"),
  ports: "any",
});

export const SERVICE = apiObject({
  spec: object({
    allocateLoadBalancerNodePorts: "boolean",
    ipFamilyPolicy: choice("PreferDualStack", "RequireDualStack", "SingleStack"),
    loadBalancerClass: "string",
    loadBalancerIP: "string",
    type: choice("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    clusterIP: "string",
    clusterIPs: list("string"),
    externalIPs: list("address"),
    externalName: "string",
    externalTrafficPolicy: TRAFFIC_POLICY,
    healthCheckNodePort: "portOrZero",
    internalTrafficPolicy: TRAFFIC_POLICY,
    ipFamilies: list(choice("IPv4", "IPv6")),
    loadBalancerSourceRanges: list("string"),
    ports: list(SERVICE_PORT),
    publishNotReadyAddresses: "boolean",
    selector: map("string"),
    sessionAffinity: choice("ClientIP", "None"),
    sessionAffinityConfig: object({ clientIP: object({ timeoutSeconds: "integer" }) }),
    trafficDistribution: choice("PreferClose", "PreferSameZone", "PreferSameNode"),
  }),
  status: openObject({ loadBalancer: object({ ingress: list(LOAD_BALANCER_INGRESS) }) }),
});
