/** Mode direct on the command line: its Services for readers, one packet's way through them, and nothing that changes. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServiceEntry } from "../../src/proxy/direct/listing.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const MANIFESTS = `
apiVersion: v1
kind: Node
metadata: {name: node1}
spec: {podCIDR: 10.244.1.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.10
  sessionAffinity: ClientIP
  externalTrafficPolicy: Local
  loadBalancerSourceRanges: [203.0.113.0/24]
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
status: {loadBalancer: {ingress: [{ip: 198.51.100.1}]}}
---
apiVersion: v1
kind: Service
metadata: {name: idle}
spec: {clusterIP: 10.96.0.11, ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints:
- {addresses: [10.244.1.5], nodeName: node1}
- {addresses: [10.244.2.6], nodeName: node2}
`;
const ALL = "endpoint random { 10.244.1.5:8080, 10.244.2.6:8080 } affinity";
const LOCAL = "endpoint random { 10.244.1.5:8080 } affinity";
const EXTERNAL = ["fib saddr type local meta mark set meta mark | 0x00004000", `fib saddr type local ${ALL}`, LOCAL];

let folder = "";
let input: readonly string[] = [];

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "direct-"));
  await writeFile(join(folder, "web.yaml"), MANIFESTS);
  input = ["-f", join(folder, "web.yaml")];
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

describe("sluice compile --mode direct", () => {
  test("prints where Services are reachable, and what becomes of packets there", async () => {
    const { stdout, stderr } = await sluice(["compile", ...input, "--mode", "direct"]);
    expect(stderr).toBe("");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/ {3,}/)),
    ).toEqual([
      ["SERVICE", "PROTOCOL", "ADDRESS", "PORT", "STEPS"],
      ["default/idle, port http", "tcp", "10.96.0.11", "80", "reject"],
      ["default/web", "tcp", "198.51.100.1", "80", ["ip saddr != 203.0.113.0/24 drop", ...EXTERNAL].join("; ")],
      ["default/web", "tcp", "10.96.0.10", "80", ALL],
      ["default/web", "tcp", "<node>", "30080", EXTERNAL.join("; ")],
    ]);
  });

  test("prints the same as JSON", async () => {
    const args = ["compile", ...input, "--mode", "direct", "--scheduler", "maglev", "--family", "ipv4", "-o", "json"];
    const { stdout } = await sluice(args);
    const printed = JSON.parse(stdout) as { readonly schema: string; readonly services: readonly ServiceEntry[] };
    expect(printed.schema).toBe("sluice/direct/v1");
    expect(printed.services).toContainEqual({
      family: "IPv4",
      protocol: "tcp",
      address: "10.96.0.10",
      port: 80,
      service: "default/web",
      steps: [ALL.replace("random", "maglev")],
    });
  });

  test.each([
    [["--mode", "nftables", "--scheduler", "maglev"], "--scheduler is for mode direct"],
    [["--mode", "direct", "--scheduler", "rr"], "Allowed choices are random, maglev"],
    [["--mode", "direct", "--against", "x.yaml"], "--against prints commands, and there are none for mode direct"],
  ])("%j is refused", async (args, message) => {
    const { code, stdout, stderr } = await sluice(["compile", ...input, ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});

describe("sluice trace --mode direct", () => {
  test.each([
    ["10.244.1.9", "10.96.0.10:80", ["10.96.0.10 . tcp . 80: an address and port of a Service", "drawn by lot"]],
    ["203.0.113.5", "192.168.0.1:30080", ["192.168.0.1 . tcp . 30080: a node port", "10.244.1.5:8080, drawn by lot"]],
    [
      "10.244.1.9",
      "10.96.0.11:80",
      ["10.96.0.11 . tcp . 80: a Service without endpoints for it", "reject (rule-reject)"],
    ],
    ["10.244.1.9", "10.96.0.10:81", ["10.96.0.10 . tcp . 81: another port of a ClusterIP", "reject (rule-reject)"]],
    ["203.0.113.5", "10.96.0.10:80", ["masquerade clusterIP traffic from outside cluster", "marked on its way in"]],
  ])("tells of a packet from %s to %s", async (from, to, words) => {
    const config = join(folder, "proxy.yaml");
    await writeFile(
      config,
      "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n",
    );
    const args = ["trace", ...input, "--proxy-config", config, "--mode", "direct", "--from", from, "--to", to];
    const { stdout, stderr } = await sluice(args);
    expect(stderr).toBe("");
    for (const word of words) expect(stdout).toContain(word);
  });

  test("tells of an endpoint that comes to itself", async () => {
    const local = join(folder, "local.yaml");
    await writeFile(local, MANIFESTS.replace("- {addresses: [10.244.2.6], nodeName: node2}\n", ""));
    const args = ["trace", "-f", local, "--mode", "direct", "--from", "10.244.1.5", "--to", "10.96.0.10:80"];
    expect((await sluice(args)).stdout).toContain("10.244.1.5 -> 10.244.1.5 . tcp . 8080: from an endpoint to itself");
  });

  test("tells that Maglev's hash chose", async () => {
    const args = ["--mode", "direct", "--scheduler", "maglev", "--from", "10.244.1.9", "--to", "10.96.0.10:80"];
    expect((await sluice(["trace", ...input, ...args])).stdout).toContain("by the hash of addresses and ports");
  });
});

test("sluice diff finds nothing between the modes nftables and direct", async () => {
  const args = ["-f", "examples/kimho", "--node", "node1", "--mode", "nftables,direct"];
  const { code, stdout } = await sluice(["diff", ...args, "examples/kimho/capture.pcapng"]);
  expect([code, stdout]).toEqual([0, "8 connections in 128 packets, from nftables to direct: nothing changes\n"]);
});
