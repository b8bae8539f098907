/** What the API server and MetalLB give out: cluster IPs, node ports, addresses of load balancers. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressAt, hostRange, inRange, poolRange } from "../../src/cluster/allocate/address-range.ts";
import { bandOf, nextFree } from "../../src/cluster/allocate/band.ts";
import { ClusterIpAllocator } from "../../src/cluster/allocate/cluster-ip.ts";
import { NodePortAllocator } from "../../src/cluster/allocate/node-port.ts";
import { addressOf } from "../../src/network/address.ts";
import { built, service } from "./support.ts";

const PORT = "ports: [{port: 80}]";

function numberOf(address: string | undefined): number {
  return [...addressOf(address ?? "")].reduce((sum, byte) => sum * 256 + byte, 0);
}

describe("bands", () => {
  it.each([
    ["65536 cluster IPs", 65536, { low: 16, step: 16, high: 256 }, 256],
    ["1024 cluster IPs", 1024, { low: 16, step: 16, high: 256 }, 64],
    ["64 cluster IPs", 64, { low: 16, step: 16, high: 256 }, 16],
    ["16 cluster IPs", 16, { low: 16, step: 16, high: 256 }, 0],
    ["2768 node ports", 2768, { low: 16, step: 32, high: 128 }, 86],
  ])("%s", (_, size, limits, dynamicFrom) => {
    expect(bandOf(size, limits)).toEqual({ size, dynamicFrom });
  });

  it("give every value once, the upper band's first", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(), fc.nat(80), (size, random, reserved) => {
        const band = { size, dynamicFrom: Math.min(reserved, size) };
        const taken: number[] = [];
        for (let given = nextFree(band, random, () => true); given !== undefined; ) {
          taken.push(given);
          given = nextFree(band, random, (offset) => !taken.includes(offset));
        }
        const firstLow = taken.findIndex((offset) => offset < band.dynamicFrom);
        expect([...taken].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index));
        if (firstLow >= 0) expect(taken.slice(firstLow).every((offset) => offset < band.dynamicFrom)).toBe(true);
      }),
    );
  });
});

describe("ranges of addresses", () => {
  it.each([
    ["10.96.0.0/16", 65534, "10.96.0.1", "10.96.255.254"],
    ["10.0.0.0/30", 2, "10.0.0.1", "10.0.0.2"],
    ["fd00::/120", 255, "fd00::1", "fd00::ff"],
  ])("%s without its ends", (cidr, size, first, last) => {
    const range = hostRange(cidr);
    expect([range.size, addressAt(range, 0), addressAt(range, size - 1)]).toEqual([size, first, last]);
    expect([inRange(range, last), inRange(range, cidr.split("/")[0] ?? "")]).toEqual([true, false]);
  });

  it.each([
    ["192.0.2.0/30", 4],
    ["192.0.2.10-192.0.3.9", 256],
    ["fd00::1 - fd00::3", 3],
    ["192.0.2.1", undefined],
    ["192.0.2.9-192.0.2.1", undefined],
    ["192.0.2.1-fd00::1", undefined],
    ["here-there", undefined],
  ])("the pool %s has %s addresses", (text, size) => {
    expect(poolRange(text)?.size).toBe(size);
  });
});

describe("cluster IPs", () => {
  it("come from the upper band of 10.96.0.0/16, the same for the same name and seed", () => {
    const ip = (seed: number, ...others: string[]) =>
      built([...others, service("web", `{${PORT}}`)], { seed }).cluster.services.at(-1)?.clusterIps[0];
    expect(ip(1)).toBe(ip(1, service("other", `{${PORT}}`)));
    expect(ip(1)).not.toBe(ip(2));
    expect(numberOf(ip(1))).toBeGreaterThan(numberOf("10.96.1.0"));
    expect(numberOf(ip(1))).toBeLessThan(numberOf("10.96.255.255"));
  });

  it("are never what another Service names, nor what an IPAddress holds", () => {
    const cidr = { serviceCidrs: ["10.0.0.0/29"] };
    const taken = ["10.0.0.2", "10.0.0.3", "10.0.0.4"].map((ip, index) =>
      service(`s${index}`, `{clusterIP: ${ip}, ${PORT}}`),
    );
    const held =
      "apiVersion: networking.k8s.io/v1\nkind: IPAddress\nmetadata: {name: 10.0.0.5}\nspec: {parentRef: {resource: services, namespace: default, name: gone}}";
    const { cluster, problems } = built([service("web", `{${PORT}}`), held, ...taken], cidr);
    expect(cluster.services[0]?.clusterIps).toEqual(["10.0.0.6"]);
    expect(problems).toEqual([]);
  });

  it("run out, in the API server's words", () => {
    const { problems } = built([service("a", `{${PORT}}`), service("b", `{${PORT}}`)], {
      serviceCidrs: ["10.0.0.0/30"],
    });
    expect(problems).toMatchObject([
      {
        severity: "error",
        object: 'Service "default/b"',
        message: "Internal error occurred: failed to allocate a serviceIP: range is full",
      },
    ]);
  });

  it("outside the CIDRs that are known are refused; supposed ones refuse nothing", () => {
    const outside = service("web", `{clusterIP: 10.3.241.152, ${PORT}}`);
    expect(built([outside]).problems).toEqual([]);
    expect(built([outside], { serviceCidrs: ["10.96.0.0/16"] }).problems[0]?.message).toBe(
      'Invalid value: ["10.3.241.152"]: failed to allocate IP 10.3.241.152: the provided network does not match the current range',
    );
  });

  it("of ServiceCIDR objects go before those of the command line", () => {
    const object =
      "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: kubernetes}\nspec: {cidrs: [10.1.0.0/24]}";
    const { cluster } = built([object, service("web", `{${PORT}}`)], { serviceCidrs: ["10.2.0.0/24"] });
    expect(cluster.serviceCidrs).toEqual(["10.1.0.0/24"]);
    expect(cluster.services[0]?.clusterIps[0]).toMatch(/^10\.1\.0\./);
  });

  it.each([
    ["one family by default", PORT, ["IPv4"], "SingleStack"],
    ["two when preferred", `ipFamilyPolicy: PreferDualStack, ${PORT}`, ["IPv4", "IPv6"], "PreferDualStack"],
    ["the named one", `ipFamilies: [IPv6], ${PORT}`, ["IPv6"], "SingleStack"],
    [
      "the named one first",
      `ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6], ${PORT}`,
      ["IPv6", "IPv4"],
      "RequireDualStack",
    ],
    [
      "the one that is given, as a cluster stores it",
      `ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4], clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], ${PORT}`,
      ["IPv4"],
      "PreferDualStack",
    ],
  ])("%s", (_, spec, families, policy) => {
    const { objects, cluster } = built([service("web", `{${spec}}`)]);
    expect(objects.services[0]?.object.spec).toMatchObject({ ipFamilies: families, ipFamilyPolicy: policy });
    expect(cluster.services[0]?.clusterIps.map((ip) => (ip.includes(":") ? "IPv6" : "IPv4"))).toEqual(families);
  });

  it("of two families need a cluster that has both", () => {
    const cidrs = { serviceCidrs: ["10.96.0.0/16"] };
    expect(built([service("web", `{ipFamilyPolicy: RequireDualStack, ${PORT}}`)], cidrs).problems).toMatchObject([
      { message: 'Invalid value: "RequireDualStack": Cluster is not configured for dual-stack services' },
    ]);
    expect(built([service("web", `{ipFamilies: [IPv6], ${PORT}}`)], cidrs).problems).toMatchObject([
      { path: "spec.ipFamilies[0]", message: 'Invalid value: "IPv6": not configured on this cluster' },
    ]);
    expect(built([service("web", `{ipFamilyPolicy: PreferDualStack, ${PORT}}`)], cidrs).problems).toEqual([]);
  });

  it("fill a range to the last one, the API server's own left out", () => {
    const allocator = new ClusterIpAllocator([{ cidr: "10.0.0.0/27", isReady: true }], 1, true);
    const given = Array.from({ length: 30 }, (_, index) => allocator.allocate("IPv4", `s${index}`));
    expect(new Set(given.slice(0, 29)).size).toBe(29);
    expect(given).not.toContain("10.0.0.1");
    expect(given[29]).toBeUndefined();
  });
});

describe("node ports", () => {
  const ports = (spec: string) => built([service("web", `{${spec}}`)]).cluster.services[0];

  it.each([
    ["are opened for NodePort", `type: NodePort, ${PORT}`, true],
    ["are opened for LoadBalancer", `type: LoadBalancer, ${PORT}`, true],
    [
      "are not for a LoadBalancer that does without",
      `type: LoadBalancer, allocateLoadBalancerNodePorts: false, ${PORT}`,
      false,
    ],
    ["are not for ClusterIP", PORT, false],
  ])("%s", (_, spec, opened) => {
    const nodePort = ports(spec)?.ports[0]?.nodePort;
    expect(nodePort !== undefined).toBe(opened);
    if (opened) expect(nodePort).toBeGreaterThan(30085);
  });

  it("are shared by ports that differ in protocol only", () => {
    const spec =
      "type: NodePort, ports: [{name: u, port: 53, protocol: UDP, nodePort: 30053}, {name: t, port: 53}, {name: m, port: 9153}]";
    const [udp, tcp, metrics] = ports(spec)?.ports ?? [];
    expect([udp?.nodePort, tcp?.nodePort]).toEqual([30053, 30053]);
    expect(metrics?.nodePort).not.toBe(30053);
  });

  it("that are named are chosen for nobody else, and may be named for two protocols", () => {
    const named = (name: string, protocol: string) =>
      service(name, `{type: NodePort, ports: [{port: 53, protocol: ${protocol}, nodePort: 32000}]}`);
    expect(built([named("a", "TCP"), named("b", "UDP")]).problems).toEqual([]);
    const allocator = new NodePortAllocator(1);
    const first = new NodePortAllocator(1).allocate("web") ?? 0;
    allocator.reserve(first);
    expect(allocator.allocate("web")).not.toBe(first);
  });

  it("come with one for health checks where only the node's own endpoints count", () => {
    const own = ports(`type: LoadBalancer, externalTrafficPolicy: Local, ${PORT}`);
    expect(own?.healthCheckNodePort).toBeGreaterThan(30085);
    expect(own?.healthCheckNodePort).not.toBe(own?.ports[0]?.nodePort);
    expect(ports(`type: LoadBalancer, ${PORT}`)?.healthCheckNodePort).toBeUndefined();
  });

  it("run out after 2768, 30000 to 30085 last", () => {
    const allocator = new NodePortAllocator(1);
    const given = Array.from({ length: 2769 }, (_, index) => allocator.allocate(`s${index}`));
    expect(given.slice(0, 2682).every((port) => (port ?? 0) >= 30086)).toBe(true);
    expect(new Set(given.slice(0, 2768)).size).toBe(2768);
    expect(given[2768]).toBeUndefined();
  });
});

describe("addresses of load balancers", () => {
  const pools = { loadBalancerPools: ["192.0.2.10-192.0.2.11", "2001:db8::10-2001:db8::1f"] };
  const balancer = (name: string, fields = "", more = "") =>
    service(name, `{type: LoadBalancer, ${fields}${PORT}}`, more);
  const ips = (documents: readonly string[], options = {}) =>
    built(documents, options).cluster.services.map(({ loadBalancerIngress }) =>
      loadBalancerIngress.map(({ ip }) => ip),
    );

  it("stay pending without a pool", () => {
    expect(ips([balancer("a")])).toEqual([[]]);
  });

  it("are the pool's first free ones, of each family of the Service", () => {
    expect(ips([balancer("a"), balancer("b", "ipFamilyPolicy: PreferDualStack, ")], pools)).toEqual([
      ["192.0.2.10"],
      ["192.0.2.11", "2001:db8::10"],
    ]);
  });

  it("leave out what is given or asked for", () => {
    const given = balancer("a", "", "status: {loadBalancer: {ingress: [{ip: 192.0.2.10}]}}");
    expect(ips([balancer("b"), given], pools)).toEqual([["192.0.2.11"], ["192.0.2.10"]]);
    expect(ips([balancer("a", "loadBalancerIP: 192.0.2.11, ")], pools)).toEqual([["192.0.2.11"]]);
  });

  it("are another controller's for another class", () => {
    expect(ips([balancer("a", "loadBalancerClass: example.org/lb, ")], pools)).toEqual([[]]);
  });

  it("run out", () => {
    expect(
      built(
        ["a", "b", "c"].map((name) => balancer(name)),
        pools,
      ).problems,
    ).toMatchObject([
      { object: 'Service "default/c"', message: "Failed to allocate IP for default/c: no available IPs" },
    ]);
  });
});
