/** What the golden scenarios do not show of kube-proxy's nftables mode. */

import { describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { nftListing } from "../support/nft-listing.ts";
import { clusterOf, clusterService, proxyConfiguration, proxyNode, slice } from "../support/proxy.ts";

const EMPTY = clusterOf([], []);
const LOAD_BALANCER = clusterService({
  type: "LoadBalancer",
  loadBalancerIngress: [{ ip: "203.0.113.9", ipMode: "VIP" }],
});
const SERVICES_MAX = 10_000;
const ENDPOINTS_PER_SERVICE = 10;

describe("nodePort addresses", () => {
  const node = proxyNode({ interfaceAddresses: ["127.0.0.1", "192.168.10.11", "10.9.8.7", "10.9.8.9"] });

  it("are the interface addresses inside the configured prefixes", () => {
    const table = table4(EMPTY, { nodePortAddresses: ["10.9.8.0/29"] }, node);
    expect(table["set nodeport-ips"]).toContain("elements = { 10.9.8.7 }");
  });

  it("never include localhost", () => {
    const table = table4(EMPTY, { nodePortAddresses: ["127.0.0.0/8", "192.168.0.0/16"] }, node);
    expect(table["set nodeport-ips"]).toContain("elements = { 192.168.10.11 }");
  });

  it("are all but loopback for the prefix of length zero", () => {
    const table = table4(EMPTY, { nodePortAddresses: ["0.0.0.0/0"] }, node);
    expect(table["set nodeport-ips"]).toBeUndefined();
    expect(table["chain services"]?.at(-1)).toBe(
      "fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @service-nodeports",
    );
  });
});

describe("source ranges", () => {
  const rule = (ranges: readonly string[]) => {
    const cluster = clusterOf([{ ...LOAD_BALANCER, loadBalancerSourceRanges: ranges }], [slice(["10.244.2.5"])]);
    const table = table4(cluster);
    return Object.entries(table).find(([name]) => name.startsWith("chain firewall-SUSTUHLJ"))?.[1];
  };

  it("that overlap or touch are one interval, as nft merges them", () => {
    expect(
      rule(["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "172.16.0.0/13", "172.24.0.0/13", "172.16.9.0/24"]),
    ).toEqual(["ip saddr != { 10.0.0.0-10.0.2.255, 172.16.0.0/12 } drop"]);
  });

  it("with blanks around them, or host bits in them, are read as Go reads them", () => {
    expect(rule([" 10.1.2.3/8 "])).toEqual(["ip saddr != 10.0.0.0/8 drop"]);
  });

  it("that hold the node allow the load balancer's address too", () => {
    expect(rule(["192.168.10.0/24"])).toEqual(["ip saddr != { 192.168.10.0/24, 203.0.113.9 } drop"]);
  });

  it("of the other family only are none", () => {
    expect(rule(["2001:db8::/32"])).toBeUndefined();
  });
});

it("packets to unallocated addresses of the Service prefixes are dropped", () => {
  const cluster = { ...EMPTY, serviceCidrs: ["10.96.0.0/16", "10.97.0.0/16", "fd00:10:96::/112"] };
  expect(table4(cluster)["chain cluster-ips-check"]).toEqual([
    'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"',
    'ip daddr { 10.96.0.0/15 } drop comment "Drop traffic to unallocated ClusterIPs"',
  ]);
});

it("of duplicate endpoints the local one stays", () => {
  const local = slice([], { name: "web-2", endpoints: [{ ...slice(["10.244.2.5"]).endpoints[0]!, node: "node1" }] });
  const table = table4(clusterOf([clusterService()], [slice(["10.244.2.5"]), local, slice(["10.244.2.5"])]));
  expect(table["set hairpin-connections"]).toContain("elements = { 10.244.2.5 . 10.244.2.5 . tcp . 8080 }");
  expect(table["chain service-SUSTUHLJ-default/web/tcp/http"]).toEqual([
    "meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.244.2.5 . 8080 }",
  ]);
});

it("two Services that claim one external address leave one element, for nft takes no more", () => {
  const other = clusterService({ name: "api", clusterIps: ["10.96.0.2"], externalIps: ["198.51.100.1"] });
  const cluster = clusterOf([clusterService({ externalIps: ["198.51.100.1"] }), other], []);
  const elements = table4(cluster)["map no-endpoint-services"]?.at(-1);
  expect(elements?.match(/198\.51\.100\.1 /g)).toHaveLength(1);
});

it("a service port without a name has no colon in comments and no name in chains", () => {
  const ports = [{ name: "", protocol: "UDP", port: 53, targetPort: 53 }] as const;
  const served = slice(["10.244.2.5"], { ports: [{ name: "", protocol: "UDP", port: 53 }] });
  const chains = Object.keys(table4(clusterOf([clusterService({ ports })], [served])));
  expect(chains.filter((name) => name.startsWith("chain service-"))).toContainEqual(
    expect.stringMatching(/^chain service-[A-Z2-7]{8}-default\/web\/udp\/$/),
  );
  const refused = table4(clusterOf([clusterService({ ports })], []))["map no-endpoint-services"];
  expect(refused).toContain('elements = { 10.96.0.1 . udp . 53 comment "default/web" : goto reject-chain }');
});

it("slices without a port, and endpoints without an address, count for nothing", () => {
  const portless = slice(["10.244.2.5"], { ports: [{ name: "http", protocol: "TCP" }] });
  const addressless = slice([], { endpoints: [{ ...slice(["10.244.2.5"]).endpoints[0]!, addresses: [] }] });
  const refused = table4(clusterOf([clusterService()], [portless, addressless]))["map no-endpoint-services"];
  expect(refused?.at(-1)).toContain("10.96.0.1 . tcp . 80");
});

it(`writes ${SERVICES_MAX} Services with ${ENDPOINTS_PER_SERVICE} endpoints each in time that grows with them`, () => {
  const seconds = (count: number) => {
    const cluster = largeCluster(count);
    const start = performance.now();
    generateNftables(cluster, proxyNode(), proxyConfiguration());
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

function table4(
  cluster: Cluster,
  configuration: Partial<ProxyConfiguration> = {},
  node: ProxyNode = proxyNode(),
): Record<string, readonly string[]> {
  const text = rulesetText(generateNftables(cluster, node, proxyConfiguration(configuration)));
  return nftListing(text)["table ip kube-proxy"] ?? {};
}
