/** What would change for a capture's connections: one edit of a cluster after the other, and one mode against the other. */

import { describe, expect, it } from "vitest";
import { bytesSource } from "../../src/capture/bytes.ts";
import { type DiffSide, diffCaptures } from "../../src/diff/diff.ts";
import { diffText } from "../../src/diff/text.ts";
import type { Change, Diff } from "../../src/diff/types.ts";
import { engineWasm } from "../../src/engine/wasm-node.ts";
import { prepareProgram } from "../../src/library/setup.ts";
import { deriveNetwork } from "../../src/network/derive.ts";
import { Cluster, Node, Ruleset } from "../../src/node.ts";
import { frame, ip } from "../support/packet.ts";
import { writePcapng } from "../support/pcapng.ts";
import { tcp, udp } from "../support/transport.ts";

const POD = "10.244.1.9";
const OUTSIDE = "203.0.113.7";
const SERVICE = "10.96.0.10";
const NODE_ADDRESS = "192.168.0.1";
const LOAD_BALANCER = "192.0.2.10";
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02"] as const;

interface Edits {
  readonly spec?: string;
  readonly ready?: readonly string[];
  readonly port?: number;
}

/** A Service with two pods here and one on another node. */
function manifests({ spec = "", ready = ["10.244.1.2", "10.244.1.3", "10.244.2.4"], port = 80 }: Edits): string {
  const endpoints = ready.map((address) => {
    const node = address.startsWith("10.244.1.") ? "node1" : "node2";
    return `{addresses: [${address}], nodeName: ${node}, conditions: {ready: true}}`;
  });
  return `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: node1}, spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]}, status: {addresses: [{type: InternalIP, address: ${NODE_ADDRESS}}]}}
- {apiVersion: v1, kind: Node, metadata: {name: node2}, spec: {podCIDR: 10.244.2.0/24, podCIDRs: [10.244.2.0/24]}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}}
- apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec: {type: LoadBalancer, clusterIP: ${SERVICE}, ports: [{port: ${port}, nodePort: 30080}], ${spec}}
  status: {loadBalancer: {ingress: [{ip: ${LOAD_BALANCER}}]}}
- {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, ports: [{port: 8080}], endpoints: [${endpoints.join(", ")}]}
`;
}

function sideOf(name: string, edits: Edits, mode: "nftables" | "iptables" = "nftables"): DiffSide {
  const cluster = Cluster.parse(manifests(edits));
  const network = deriveNetwork(cluster, "node1");
  const ruleset = Ruleset.generate(cluster, { node: "node1", network, mode });
  const createNode = () => Node.create({ manifests: cluster, node: "node1", ruleset, network });
  return { name, program: prepareProgram(cluster, ruleset, network), createNode };
}

/** Somebody's first packet, and a second one that nobody answers. */
function opening(link: string, src: string, dst: string, dport: number, protocol: "tcp" | "udp" = "tcp") {
  const ports = { src: 40000, dst: dport };
  const packet = ip({ src, dst }, protocol === "tcp" ? tcp({ ...ports, flags: "S", seq: 1 }) : udp(ports));
  return [0, 1].map(() => ({ link, frame: frame(...MACS, packet) }));
}

const FRAMES = [
  ...opening("cni0", POD, SERVICE, 80),
  ...opening("eth0", OUTSIDE, NODE_ADDRESS, 30080),
  ...opening("eth0", OUTSIDE, LOAD_BALANCER, 80),
];

async function diffOf(before: DiffSide, after: DiffSide, frames: typeof FRAMES = FRAMES): Promise<Diff> {
  const timed = frames.map((one, index) => ({ ...one, time: BigInt(1 + index) * 1_000_000_000n, outbound: false }));
  const capture = writePcapng(["lo", "eth0", "cni0"], timed);
  const { diff, problems } = await diffCaptures({
    engine: engineWasm,
    before,
    after,
    captures: [{ name: "capture", open: () => bytesSource("capture", capture) }],
    seed: 1n,
  });
  expect(problems).toEqual([]);
  return diff;
}

/** By who talks to what: the fields that change. */
function changesOf({ differences }: Diff): Record<string, readonly Change[]> {
  return Object.fromEntries(differences.map(({ dst, dport, changes }) => [`${dst}:${dport}`, changes]));
}

const ALL = ["10.244.1.2:8080", "10.244.1.3:8080", "10.244.2.4:8080"];
const LOCAL = ALL.slice(0, 2);
const DROP = [
  { field: "verdicts", before: ["forward"], after: ["drop"] },
  { field: "reasons", before: ["none"], after: ["rule-drop"] },
];

describe("from one state of a cluster to another", () => {
  const edited = async (edits: Edits) => changesOf(await diffOf(sideOf("old", {}), sideOf("new", edits)));

  it("the same is the same, though the two draw differently", async () => {
    const diff = await diffOf(sideOf("nftables", {}), sideOf("iptables", {}, "iptables"));
    expect(diff).toMatchObject({ connections: 3, changed: 0, differences: [] });
  });

  it("an endpoint that goes is one less that may be chosen, for everybody", async () => {
    const gone = { field: "endpoints", before: ALL, after: LOCAL };
    expect(await edited({ ready: ["10.244.1.2", "10.244.1.3"] })).toEqual({
      [`${SERVICE}:80`]: [gone, expect.objectContaining({ field: "interfaces" })],
      [`${NODE_ADDRESS}:30080`]: [gone, expect.anything(), expect.anything()],
      [`${LOAD_BALANCER}:80`]: [gone, expect.anything(), expect.anything()],
    });
  });

  it("the last endpoint that goes makes the node refuse", async () => {
    const { [`${SERVICE}:80`]: changes } = await edited({ ready: [] });
    expect(changes).toEqual([
      { field: "verdicts", before: ["forward"], after: ["reject"] },
      { field: "reasons", before: ["none"], after: ["rule-reject"] },
      { field: "endpoints", before: ALL, after: [] },
      { field: "answers", before: [], after: ["icmp 3/3"] },
    ]);
  });

  it("Local keeps outsiders' addresses and to the node's own endpoints, and changes nothing for pods", async () => {
    const local = await edited({ spec: "externalTrafficPolicy: Local, healthCheckNodePort: 31000" });
    expect(Object.keys(local).sort()).toEqual([`${LOAD_BALANCER}:80`, `${NODE_ADDRESS}:30080`].sort());
    expect(local[`${LOAD_BALANCER}:80`]).toEqual([
      { field: "endpoints", before: ALL, after: LOCAL },
      { field: "masquerade", before: ["10.244.1.1", NODE_ADDRESS], after: [] },
      { field: "interfaces", before: ["cni0", "eth0"], after: ["cni0"] },
    ]);
  });

  it("source ranges shut outsiders out of the load balancer alone", async () => {
    const shut = await edited({ spec: "loadBalancerSourceRanges: [198.51.100.0/24]" });
    expect(Object.keys(shut)).toEqual([`${LOAD_BALANCER}:80`]);
    expect(shut[`${LOAD_BALANCER}:80`]?.slice(0, 2)).toEqual(DROP);
  });

  it("a port that moves is answered as one that is not there", async () => {
    const moved = await edited({ port: 81 });
    expect(moved[`${SERVICE}:80`]?.[0]).toEqual({ field: "verdicts", before: ["forward"], after: ["reject"] });
    expect(moved[`${NODE_ADDRESS}:30080`]).toBeUndefined();
  });

  it("affinity is one, though every endpoint may still be met first", async () => {
    const sticky = { field: "affinity", before: [], after: ["client"] };
    expect(await edited({ spec: "sessionAffinity: ClientIP" })).toEqual({
      [`${SERVICE}:80`]: [sticky],
      [`${NODE_ADDRESS}:30080`]: [sticky],
      [`${LOAD_BALANCER}:80`]: [sticky],
    });
  });
});

describe("from one mode to another", () => {
  const modes = (frames: typeof FRAMES) => diffOf(sideOf("nftables", {}), sideOf("iptables", {}, "iptables"), frames);

  it("a port that a Service does not have is refused, or let through", async () => {
    const diff = await modes(opening("cni0", POD, SERVICE, 9, "udp"));
    expect(changesOf(diff)[`${SERVICE}:9`]).toEqual([
      { field: "verdicts", before: ["reject"], after: ["forward"] },
      { field: "reasons", before: ["rule-reject"], after: ["none"] },
      { field: "answers", before: ["icmp 3/3"], after: [] },
    ]);
    expect(diffText(diff)).toContain("verdict: reject -> forward\n");
    expect(diffText(diff)).toContain("answer: icmp 3/3 -> no answer\n");
  });

  it("an invalid packet within a connection is translated by neither, and dropped by one", async () => {
    const invalid = tcp({ src: 40000, dst: 80, flags: "SF", seq: 1 });
    const broken = { link: "cni0", frame: frame(...MACS, ip({ src: POD, dst: SERVICE }, invalid)) };
    const single = { ready: ["10.244.1.2"] };
    const diff = await diffOf(sideOf("nftables", single), sideOf("iptables", single, "iptables"), [
      ...opening("cni0", POD, SERVICE, 80),
      broken,
    ]);
    expect(diff.differences).toMatchObject([
      { changes: [], later: { packets: 1, n: 3, before: "forward by eth0", after: "drop rule-drop" } },
    ]);
  });
});
