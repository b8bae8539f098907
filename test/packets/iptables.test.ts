/** kube-proxy's iptables mode, as facts about packets. */

import { describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { BUILDS, type Passed, TestNode } from "../support/engine.ts";
import { ip } from "../support/packet.ts";
import { PLAIN_NODE, UPLINK_ADDRESS } from "../support/plain-node.ts";
import { clusterOf, clusterService, proxyConfiguration, proxyNode, slice } from "../support/proxy.ts";
import { tcp } from "../support/transport.ts";

const CLUSTER_IP = "10.96.0.1";
const NODE_PORT = 30080;
const CLIENT = "203.0.113.5";
const POD = "10.244.1.7";
const ENDPOINTS = ["10.244.1.10", "10.244.1.11", "10.244.1.12"];
const AFFINITY_SECONDS = 100;

function cluster(endpoints: readonly string[] = ENDPOINTS, affinityTimeoutSeconds?: number): Cluster {
  const ports = [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080, nodePort: NODE_PORT }] as const;
  const affinity = affinityTimeoutSeconds === undefined ? {} : { affinityTimeoutSeconds };
  return clusterOf([clusterService({ type: "NodePort", ports, ...affinity })], [slice(endpoints)]);
}

function rules(from: Cluster): Ruleset {
  return generateIptables(from, proxyNode(), proxyConfiguration({ mode: "iptables", localhostNodePorts: true }));
}

function segment(src: string, dst: string, port: number, srcPort: number, flags = "S"): Uint8Array {
  return ip({ src, dst }, tcp({ src: srcPort, dst: port, flags, seq: 1 }));
}

function addresses({ packet }: Passed): string[] {
  return [packet.subarray(12, 16).join("."), packet.subarray(16, 20).join(".")];
}

describe.each(BUILDS)("%s engine", (build) => {
  const node = (ruleset = rules(cluster()), fastPath = true) =>
    TestNode.create({ build, ruleset, network: PLAIN_NODE, fastPath });

  test("a pod's connections to a ClusterIP are spread over all endpoints, with the pod's own address", async () => {
    const under = await node();
    const seen = new Map<string, number>();
    for (let n = 0; n < 300; n++) {
      const passed = under.receive("pod0", segment(POD, CLUSTER_IP, 80, 20000 + n));
      const [src, dst] = addresses(passed);
      expect([passed.verdict, src]).toEqual(["forward", POD]);
      seen.set(dst!, (seen.get(dst!) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(ENDPOINTS);
    for (const count of seen.values()) expect(count).toBeGreaterThan(70);
  });

  test("a client of a node port is masqueraded", async () => {
    const passed = (await node()).receive("eth0", segment(CLIENT, UPLINK_ADDRESS, NODE_PORT, 40000));
    expect(passed).toMatchObject({ verdict: "forward", ct: "new" });
    expect(addresses(passed)[0]).toBe("10.244.1.1");
  });

  test("a process reaches a node port at localhost", async () => {
    const passed = (await node()).send(segment("127.0.0.1", "127.0.0.1", NODE_PORT, 40000));
    expect(passed).toMatchObject({ verdict: "forward", sent: [{ link: "pod0" }] });
    expect(addresses(passed)[0]).toBe("10.244.1.1");
  });

  test("an invalid packet is dropped in FORWARD", async () => {
    const passed = (await node()).receive("pod0", segment(POD, ENDPOINTS[0]!, 8080, 20000, ""));
    expect(passed).toMatchObject({ verdict: "drop", reason: "rule-drop", ct: "invalid", sent: [] });
  });

  test("a Service without endpoints rejects", async () => {
    const passed = (await node(rules(cluster([])))).receive("pod0", segment(POD, CLUSTER_IP, 80, 20000));
    expect(passed).toMatchObject({ verdict: "reject", sent: [{ link: "pod0" }] });
  });

  test.each([
    ["the last second of the affinity keeps a client at its endpoint", AFFINITY_SECONDS, true],
    ["behind it the client's endpoint is drawn anew", AFFINITY_SECONDS + 1, false],
  ])("%s", async (_, pause, isKept) => {
    const under = await node(rules(cluster(ENDPOINTS, AFFINITY_SECONDS)));
    const clients = Array.from({ length: 20 }, (_, n) => `10.244.1.${100 + n}`);
    const connect = (port: number) =>
      clients.map((src) => addresses(under.receive("pod0", segment(src, CLUSTER_IP, 80, port)))[1]);
    const first = connect(20000);
    expect(new Set(first).size).toBe(ENDPOINTS.length);
    expect(connect(20001)).toEqual(first);
    under.wait(BigInt(pause) * 1_000_000_000n - 40_000_000n);
    const second = connect(20002);
    if (isKept) expect(second).toEqual(first);
    else expect(second).not.toEqual(first);
  });

  test("affinity lives on when another endpoint goes, and ends with the client's own", async () => {
    const under = await node(rules(cluster(ENDPOINTS, AFFINITY_SECONDS)));
    const clients = Array.from({ length: 20 }, (_, n) => `10.244.1.${100 + n}`);
    const connect = (port: number) =>
      clients.map((src) => addresses(under.receive("pod0", segment(src, CLUSTER_IP, 80, port)))[1]!);
    const first = connect(20000);
    const [, ...left] = ENDPOINTS;
    under.load(rules(cluster(left, AFFINITY_SECONDS)));
    const second = connect(20001);
    for (const [n, endpoint] of first.entries()) {
      if (endpoint === ENDPOINTS[0]) expect(left).toContain(second[n]);
      else expect(second[n]).toBe(endpoint);
    }
    expect(second).not.toEqual(first);
  });

  test("an established connection takes the short way, which gives the same bytes as all the rules", async () => {
    const ways = await Promise.all([node(rules(cluster()), true), node(rules(cluster()), false)]);
    const passed = ways.map((under) => {
      const say = (link: string, src: string, dst: string, ports: readonly [number, number], flags: string) =>
        under.receive(link, segment(src, dst, ports[1], ports[0], flags));
      const first = say("pod1", "10.244.2.9", CLUSTER_IP, [20000, 80], "S");
      const endpoint = addresses(first)[1]!;
      const rest = [
        say("pod0", endpoint, "10.244.2.9", [8080, 20000], "SA"),
        ...Array.from({ length: 4 }, () => say("pod1", "10.244.2.9", CLUSTER_IP, [20000, 80], "A")),
        ...Array.from({ length: 4 }, () => say("pod0", endpoint, "10.244.2.9", [8080, 20000], "A")),
      ];
      return [first, ...rest].map(({ sent }) => sent);
    });
    expect(passed[0]).toEqual(passed[1]);
    const [fast, slow] = ways.map(({ engine }) => engine.counter(Layout.FAST_PACKETS));
    expect(Number(fast)).toBeGreaterThan(0);
    expect(Number(slow)).toBe(0);
  });
});
