/** What the golden scenarios do not show of kube-proxy's iptables mode. */

import { describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import { deriveNetwork } from "../../src/network/derive.ts";
import { withInterfaces } from "../../src/network/node.ts";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import { clusterOf, clusterService, proxyConfiguration, proxyNode, slice } from "../support/proxy.ts";

const EMPTY = clusterOf([], []);
const LARGE_CLUSTER_ENDPOINTS = 1000;
const SERVICES_MAX = 10_000;
const ENDPOINTS_PER_SERVICE = 10;

describe("nodePorts", () => {
  const last = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";
  const toNodePorts = (match: string, more = "") =>
    `-A KUBE-SERVICES ${match}-m comment --comment "${last}" ${more}-j KUBE-NODEPORTS`;
  const node = proxyNode({ interfaceAddresses: ["127.0.0.1", "192.168.10.11", "10.9.8.7", "10.9.8.9"] });

  it("are served on the interface addresses inside the configured prefixes", () => {
    const rules = rules4(EMPTY, { nodePortAddresses: ["10.9.8.0/29", "192.168.0.0/16"] }, node);
    expect(chainOf(rules, "KUBE-SERVICES")).toEqual([
      toNodePorts("-d 192.168.10.11/32 "),
      toNodePorts("-d 10.9.8.7/32 "),
    ]);
    expect(chainOf(rules, "KUBE-FIREWALL")).toEqual([]);
  });

  it("are served on localhost when a prefix holds it", () => {
    const rules = rules4(EMPTY, { nodePortAddresses: ["127.0.0.0/8"], localhostNodePorts: true }, node);
    expect(chainOf(rules, "KUBE-SERVICES")).toEqual([toNodePorts("-d 127.0.0.1/32 ")]);
    expect(chainOf(rules, "KUBE-FIREWALL")).toHaveLength(1);
  });

  it("are not served on localhost when that is switched off", () => {
    const rules = rules4(EMPTY, { nodePortAddresses: ["127.0.0.0/8"], localhostNodePorts: false }, node);
    expect(chainOf(rules, "KUBE-SERVICES")).toEqual([]);
  });

  it("are served on all addresses for the prefix of length zero", () => {
    const rules = rules4(EMPTY, { nodePortAddresses: ["0.0.0.0/0"], localhostNodePorts: true }, node);
    expect(chainOf(rules, "KUBE-SERVICES")).toEqual([toNodePorts("", "-m addrtype --dst-type LOCAL ")]);
  });
});

describe("invalid packets", () => {
  const drops = (configuration: Partial<ProxyConfiguration>, node?: ProxyNode) =>
    chainOf(rules4(EMPTY, configuration, node), "KUBE-FORWARD").filter((rule) => rule.endsWith("-j DROP")).length;

  it("are dropped", () => expect(drops({})).toBe(1));
  it("are left alone when kube-proxy makes connection tracking liberal", () => {
    expect(drops({ conntrackTcpLiberal: true })).toBe(0);
  });
  it.each([
    ["0", 1],
    ["1", 0],
  ])("with the node's sysctl at %s meet so many rules: %i", (value, rules) => {
    const sysctls = { "net.netfilter.nf_conntrack_tcp_be_liberal": value };
    const network = { ...deriveNetwork(EMPTY, "node1"), sysctls };
    expect(drops({}, withInterfaces(proxyNode(), network))).toBe(rules);
  });
});

it("a source range of all addresses matches without a word", () => {
  const service = clusterService({
    type: "LoadBalancer",
    loadBalancerIngress: [{ ip: "203.0.113.9", ipMode: "VIP" }],
    loadBalancerSourceRanges: ["0.0.0.0/0"],
  });
  const rules = rules4(clusterOf([service], [slice(["10.244.2.5"])]));
  expect(rules.find((rule) => rule.startsWith("-A KUBE-FW-") && rule.includes("-j"))).toMatch(
    /^-A KUBE-FW-\w+ -m comment --comment "default\/web:http loadbalancer IP" -j KUBE-EXT-\w+$/,
  );
});

it("a load balancer without endpoints is rejected, and has no firewall", () => {
  const service = clusterService({
    type: "LoadBalancer",
    loadBalancerIngress: [{ ip: "203.0.113.9", ipMode: "VIP" }],
    loadBalancerSourceRanges: ["10.0.0.0/8"],
  });
  const rules = rules4(clusterOf([service], []));
  expect(rules.filter((rule) => rule.includes("KUBE-FW-"))).toEqual([]);
  expect(chainOf(rules, "KUBE-EXTERNAL-SERVICES")).toEqual([
    '-A KUBE-EXTERNAL-SERVICES -d 203.0.113.9/32 -p tcp -m comment --comment "default/web:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  ]);
});

it("a health check port is open only for load balancers of policy Local", () => {
  const open = (type: "NodePort" | "LoadBalancer", externalTrafficPolicy: "Cluster" | "Local") => {
    const service = clusterService({ type, externalTrafficPolicy, healthCheckNodePort: 30000 });
    return rules4(clusterOf([service], [])).filter((rule) => rule.includes("health check node port")).length;
  };
  expect([open("LoadBalancer", "Local"), open("LoadBalancer", "Cluster"), open("NodePort", "Local")]).toEqual([
    1, 0, 0,
  ]);
});

it(`above ${LARGE_CLUSTER_ENDPOINTS} endpoints the rules of endpoints go without comments`, () => {
  const commented = (endpoints: number) => {
    const addresses = Array.from({ length: endpoints }, (_, index) => `10.244.${index >> 8}.${index & 255}`);
    const rules = rules4(clusterOf([clusterService()], [slice(addresses)]));
    return rules.filter((rule) => rule.startsWith("-A KUBE-SEP-") && rule.includes("--comment")).length;
  };
  expect(commented(LARGE_CLUSTER_ENDPOINTS)).toBe(2 * LARGE_CLUSTER_ENDPOINTS);
  expect(commented(LARGE_CLUSTER_ENDPOINTS + 1)).toBe(0);
});

it(`writes ${SERVICES_MAX} Services with ${ENDPOINTS_PER_SERVICE} endpoints each in time that grows with them`, () => {
  const seconds = (count: number) => {
    const cluster = largeCluster(count);
    const start = performance.now();
    generateIptables(cluster, proxyNode(), proxyConfiguration({ mode: "iptables" }));
    return (performance.now() - start) / 1000;
  };
  seconds(SERVICES_MAX / 10);
  expect(seconds(SERVICES_MAX)).toBeLessThan(20); // half a second on an idle machine; bounded loosely, for others may be at work
});

function largeCluster(services: number): Cluster {
  const indices = Array.from({ length: services }, (_, index) => index);
  const low = (index: number) => `${index >> 8}.${index & 255}`;
  return clusterOf(
    indices.map((index) => clusterService({ name: `web-${index}`, clusterIps: [`10.96.${low(index)}`] })),
    indices.map((index) => {
      const addresses = Array.from({ length: ENDPOINTS_PER_SERVICE }, (_, n) => `10.${100 + n}.${low(index)}`);
      return slice(addresses, { service: `web-${index}` });
    }),
  );
}

function rules4(
  cluster: Cluster,
  configuration: Partial<ProxyConfiguration> = {},
  node: ProxyNode = proxyNode(),
): readonly string[] {
  const ruleset = generateIptables(cluster, node, proxyConfiguration({ mode: "iptables", ...configuration }));
  return iptablesText(ruleset, "ip").split("\n");
}

function chainOf(lines: readonly string[], chain: string): string[] {
  return lines.filter((line) => line.startsWith(`-A ${chain} `));
}
