/** The scheduler maglev: the endpoint follows from the connection's addresses and ports, on every node and in every run. */

import { describe, expect, it } from "vitest";
import { generateRules } from "../../src/proxy/generate.ts";
import { readHeader } from "../../src/replay/header.ts";
import { TestNode } from "../support/engine.ts";
import { ip } from "../support/packet.ts";
import { clusterOf, clusterService, proxyConfiguration, slice } from "../support/proxy.ts";
import { tcp } from "../support/transport.ts";
import { linkOf, RANDOM_NODE, randomNetwork } from "./random-cluster.ts";

const CONFIGURATION = proxyConfiguration({ mode: "direct", scheduler: "maglev" });
const CLIENTS = 2000;

/** Of each family: the Service's address, a client's, its endpoints'. */
const FAMILIES = [
  ["IPv4", "10.96.0.1", "10.0.1.9", (n: number) => `10.0.2.${n + 1}`],
  ["IPv6", "fd00:10::96:1", "fd00:10::1:9", (n: number) => `fd00:10::2:${n + 1}`],
] as const;

describe.each(FAMILIES)("%s", (family, clusterIp, client, endpointOf) => {
  it("the same connection goes to the same endpoint on every node, whatever their seeds are", async () => {
    const [one, other] = [await nodeWith(8, 1n), await nodeWith(8, 2n)];
    const reached = Array.from({ length: CLIENTS }, (_, n) => reach(one, n));
    expect(Array.from({ length: CLIENTS }, (_, n) => reach(other, n))).toEqual(reached);
  });

  it("every endpoint gets its share", async () => {
    const node = await nodeWith(8, 1n);
    const counts = new Map<string, number>();
    for (let n = 0; n < CLIENTS; n++) counts.set(reach(node, n), (counts.get(reach(node, n)) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(Array.from({ length: 8 }, (_, n) => endpointOf(n)).sort());
    // 250 each; by chance none is farther than 100 from that, which is more than six times the standard deviation.
    for (const count of counts.values()) expect(Math.abs(count - CLIENTS / 8)).toBeLessThan(100);
  });

  it("when an endpoint goes, nearly all new connections of the others go where they would have gone", async () => {
    const before = await nodeWith(8, 1n);
    const after = await nodeWith(7, 1n);
    const gone = endpointOf(7);
    const clients = Array.from({ length: CLIENTS }, (_, n) => [reach(before, n), reach(after, n)] as const);
    const others = clients.filter(([endpoint]) => endpoint !== gone);
    const moved = others.filter(([old, now]) => old !== now);
    expect(moved.length / others.length).toBeLessThan(0.05);
    expect(clients.map(([, now]) => now)).not.toContain(gone);
  });

  async function nodeWith(count: number, seed: bigint): Promise<TestNode> {
    const service = clusterService({ clusterIps: [clusterIp] });
    const endpoints = slice(
      Array.from({ length: count }, (_, n) => endpointOf(n)),
      { family },
    );
    const ruleset = generateRules(clusterOf([service], [endpoints]), RANDOM_NODE, CONFIGURATION);
    return TestNode.create({ build: "release", ruleset, network: randomNetwork(), connectionsMax: 8192, seed });
  }

  function reach(node: TestNode, n: number): string {
    const syn = ip({ src: client, dst: clusterIp }, tcp({ src: 20_000 + n, dst: 80, flags: "S", seq: 1 }));
    return readHeader(node.receive(linkOf(client), syn).packet)?.dst ?? "";
  }
});
