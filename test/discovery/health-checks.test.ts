/** What kube-proxy answers on healthCheckNodePorts: the bytes, and the counting (TestHealthCheckNodePort, TestLocalReadyEndpoints). */

import { describe, expect, it } from "vitest";
import { healthChecks, healthResponse } from "../../src/discovery/health-checks.ts";
import { proxyConfiguration } from "../support/proxy.ts";
import { clusterOf, service, slice } from "./cluster.ts";

const NODES = ["node1", "node2"].map(
  (name, index) =>
    `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nstatus: {addresses: [{type: InternalIP, address: 192.168.0.${index + 1}}]}`,
);
const SPEC = "type: LoadBalancer, externalTrafficPolicy: Local, clusterIP: 10.96.0.1, healthCheckNodePort: 32001";
const BALANCED = service(
  "lb",
  `{${SPEC}, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort: 30081}]}`,
);
const ENDPOINTS = slice("lb", {
  ports: "[{name: a, port: 8080}, {name: b, port: 8081}]",
  endpoints: `[{addresses: [10.244.0.1], nodeName: node1}, {addresses: [10.244.0.2], nodeName: node1},
    {addresses: [10.244.0.3], nodeName: node1, conditions: {ready: false}},
    {addresses: [10.244.1.1], nodeName: node2, conditions: {ready: false, serving: true, terminating: true}}]`,
});

describe("the answer", () => {
  it("has these bytes", () => {
    expect(healthResponse({ namespace: "default", name: "lb" }, 2, true)).toEqual({
      status: 200,
      headers: {
        "Content-Type": "application/json",
        "X-Content-Type-Options": "nosniff",
        "X-Load-Balancing-Endpoint-Weight": "2",
        "Content-Length": "113",
      },
      body: '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "lb"\n\t},\n\t"localEndpoints": 2,\n\t"serviceProxyHealthy": true\n}',
    });
  });

  it("is 503 without endpoints, and when the proxy is not healthy", () => {
    expect(healthResponse({ namespace: "default", name: "lb" }, 0, true).status).toBe(503);
    expect(healthResponse({ namespace: "default", name: "lb" }, 1, false).status).toBe(503);
  });
});

describe("a node's count", () => {
  const checks = healthChecks(clusterOf(...NODES, BALANCED, ENDPOINTS), proxyConfiguration());

  it("is of ready endpoints, once for all their ports", () => {
    expect(checks.map(({ node, localEndpoints, response }) => [node, localEndpoints, response.status])).toEqual([
      ["node1", 2, 200],
      ["node2", 0, 503],
    ]);
  });

  it("is given where node ports are served", () => {
    expect(checks.map(({ port, listens }) => [port, listens])).toEqual([
      [32001, ["192.168.0.1"]],
      [32001, ["192.168.0.2"]],
    ]);
    const [first] = healthChecks(clusterOf(...NODES, BALANCED), proxyConfiguration({ mode: "iptables" }));
    expect(first?.listens).toEqual(["0.0.0.0"]);
  });

  it("is asked for by load balancers with policy Local only", () => {
    const others = [
      service("cluster", "{type: LoadBalancer, clusterIP: 10.96.0.2, ports: [{port: 80, nodePort: 30082}]}"),
      service(
        "node",
        "{type: NodePort, externalTrafficPolicy: Local, clusterIP: 10.96.0.3, ports: [{port: 80, nodePort: 30083}]}",
      ),
    ];
    expect(healthChecks(clusterOf(...NODES, ...others), proxyConfiguration())).toEqual([]);
  });
});
