/** The library: a node in a program, replays of bytes, and what browsers get. */

import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { Cluster, InputError, Node, Ruleset, replay, UsageError, VERSION } from "../../src/index.ts";
import { loadCluster, openCaptureFile } from "../../src/node.ts";
import { readHeader } from "../../src/replay/header.ts";
import { ip4 } from "../support/packet.ts";
import { readPcapng } from "../support/pcapng.ts";
import { tcp } from "../support/transport.ts";
import { REPLAY_WAYS } from "../support/variant.ts";

const SERVICE = "10.96.24.6";
const POD = "10.244.1.30";
const TIME = 1_768_471_200_000_000_000n;

let manifests: Cluster;

beforeAll(async () => {
  manifests = await loadCluster("examples/kimho");
});

function syn(port: number, dport = 80): Uint8Array {
  return ip4({ src: POD, dst: SERVICE }, tcp({ src: port, dst: dport, flags: "S", seq: 1 }));
}

describe("a node", () => {
  test("translates a packet to a Service, and keeps to its choice", async () => {
    const node = await Node.create({ manifests, node: "node1" });
    const first = node.process(syn(40001), { interface: "cni0", time: TIME });
    expect(first).toMatchObject({ verdict: "forward", ct: "new", answers: [] });
    const { dst, dport } = readHeader(first.packet)!;
    expect(["10.244.1.10", "10.244.1.11", "10.244.2.10"]).toContain(dst);
    expect(dport).toBe(8080);
    const again = node.process(syn(40001), { interface: "cni0", time: TIME + 1n });
    expect(readHeader(again.packet)).toMatchObject({ dst });
  });

  test("has the mode that is asked for, or the configuration's", async () => {
    const invalid = ip4({ src: POD, dst: "10.244.2.10" }, tcp({ src: 40001, dst: 8080, flags: "" }));
    const configuration =
      "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: iptables\n";
    const rows = [
      [{}, "forward"],
      [{ mode: "iptables" }, "drop"],
      [{ proxyConfiguration: configuration }, "drop"],
      [{ proxyConfiguration: configuration, mode: "nftables" }, "forward"],
    ] as const;
    for (const [options, expected] of rows) {
      const node = await Node.create({ manifests, node: "node1", ...options });
      expect(node.process(invalid, { interface: "cni0", time: TIME }).verdict).toBe(expected);
    }
  });

  test("shows what left, and where", async () => {
    const node = await Node.create({ manifests, node: "node1" });
    const { sent, interface: output, packet } = node.process(syn(40001), { interface: "cni0", time: TIME });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.interface).toBe(output);
    expect(readHeader(sent[0]!.packet)).toEqual(readHeader(packet));
  });

  test("answers for a port that the Service does not have", async () => {
    const node = await Node.create({ manifests, node: "node1" });
    const { verdict, answers } = node.process(syn(40001, 81), { interface: "cni0", time: TIME });
    expect(verdict).toBe("reject");
    expect(readHeader(answers[0]!.packet)).toMatchObject({ proto: "icmp", dst: POD });
  });

  test("processes batches as it processes single packets", async () => {
    const packets = [40001, 40002, 40003].map((port) => syn(port));
    const one = await Node.create({ manifests, node: "node1", seed: 5 });
    const other = await Node.create({ manifests, node: "node1", seed: 5 });
    const time = TIME;
    const single = packets.map((packet) => readHeader(one.process(packet, { interface: "cni0", time }).packet));
    const batch = other.processBatch(packets, { interface: "cni0", time }).map(({ packet }) => readHeader(packet));
    expect(batch).toEqual(single);
  });

  test("lists its connections", async () => {
    const node = await Node.create({ manifests, node: "node1" });
    node.process(syn(40001), { interface: "cni0", time: TIME });
    expect(node.connections()).toMatchObject([
      {
        protocol: "tcp",
        state: "SYN_SENT",
        original: { src: POD, sport: 40001, dst: SERVICE, dport: 80 },
        packets: [1, 0],
      },
    ]);
  });

  test("keeps its connections when the manifests change", async () => {
    const node = await Node.create({ manifests, node: "node1" });
    const before = readHeader(node.process(syn(40001), { interface: "cni0", time: TIME }).packet);
    node.update({ manifests: { ...manifests, services: [] } });
    expect(readHeader(node.process(syn(40001), { interface: "cni0", time: TIME + 1n }).packet)).toEqual(before);
    expect(readHeader(node.process(syn(40002), { interface: "cni0", time: TIME + 2n }).packet)).toMatchObject({
      dst: SERVICE,
    });
  });

  test("runs rules that somebody else has made", async () => {
    const ruleset = Ruleset.generate(manifests, { node: "node1" });
    const node = await Node.create({ manifests: { ...manifests, services: [] }, node: "node1", ruleset });
    expect(readHeader(node.process(syn(40001), { interface: "cni0", time: TIME }).packet)?.dst).not.toBe(SERVICE);
  });
});

describe("rules of a node", () => {
  const drop =
    "# Generated by iptables-save v1.8.9\n*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --dport 80 -j DROP\nCOMMIT\n";
  const rule = '{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"drop": null}]}}';
  const chain = '{"family": "ip", "table": "t", "name": "c", "type": "filter", "hook": "forward", "prio": 0}';
  const json = `{"nftables": [{"table": {"family": "ip", "name": "t"}}, {"chain": ${chain}}, ${rule}]}`;

  test.each([
    ["iptables-save", drop],
    ["nft -j list ruleset", json],
  ])("as %s prints them run", async (_, text) => {
    const node = await Node.create({ manifests, node: "node1", ruleset: Ruleset.parse(text) });
    expect(node.process(syn(40001), { interface: "cni0", time: TIME }).reason).toBe("rule-drop");
    const other = node.process(syn(40002, 81), { interface: "cni0", time: TIME });
    expect(other.reason === "rule-drop").toBe(text === json);
  });

  test("that are not understood are errors with their place, or ignored where that is wanted", () => {
    const strange = drop.replace("--dport 80", "--dport 80 -m nothing --known");
    expect(() => Ruleset.parse(strange, { fileName: "node.rules" })).toThrow(InputError);
    expect(() => Ruleset.parse(strange, { fileName: "node.rules" })).toThrow(/node\.rules:4/);
    expect(Ruleset.parse(strange, { unsupported: "ignore" }).tables).toHaveLength(1);
    expect(() => Ruleset.parse("add rule ip t c drop")).toThrow(/rules: rules in a format that is not read/);
  });

  test("name sets of ipset", () => {
    const asks = drop.replace("-p tcp -m tcp --dport 80", "-m set --match-set them src");
    const ipset = "create them hash:ip family inet\nadd them 10.0.0.1\n";
    expect(Ruleset.parse(asks, { ipset }).tables[0]?.sets?.map(({ name }) => name)).toEqual(["them"]);
    expect(() => Ruleset.parse(asks)).toThrow(/there is no set "them"/);
  });
});

describe("errors", () => {
  test("in manifests come with their place", () => {
    const broken = {
      text: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 0}]}\n",
      fileName: "web.yaml",
    };
    expect(() => Cluster.parse(broken)).toThrow(InputError);
    expect(() => Cluster.parse(broken)).toThrow(/web\.yaml:4:/);
  });

  test("in calls say what would be right", async () => {
    const node = await Node.create({ manifests, node: "node1" });
    expect(() => node.process(syn(1), { interface: "eth9" })).toThrow(UsageError);
    expect(() => node.process(syn(1), { interface: "eth9" })).toThrow(/it has lo, eth0, cni0/);
    expect(() => node.process(new Uint8Array(2 << 20))).toThrow(UsageError);
    await expect(Node.create({ manifests, node: "node9" })).rejects.toThrow(InputError);
  });
});

describe("a replay", () => {
  test("of bytes, a blob and a file gives the same report", async () => {
    const data = new Uint8Array(await readFile("examples/kimho/capture.pcapng"));
    const inputs = [
      { name: "c", data },
      { name: "c", data: new Blob([data]) },
      { ...(await openCaptureFile("examples/kimho/capture.pcapng")), name: "c" },
    ];
    const reports = [];
    for (const input of inputs) {
      const { report } = await replay({ manifests, node: "node1", captures: [input], ...REPLAY_WAYS });
      reports.push({ ...report, throughput: undefined });
    }
    expect(reports[0]?.capture.packets).toBe(128);
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[2]).toEqual(reports[0]);
  });

  test("writes a capture of what left", async () => {
    const data = new Uint8Array(await readFile("examples/kimho/capture.pcapng"));
    const pieces: Uint8Array[] = [];
    await replay({
      manifests,
      node: "node1",
      captures: [{ name: "c", data }],
      ...REPLAY_WAYS,
      output: (piece) => void pieces.push(piece.slice()),
    });
    expect(readPcapng(Buffer.concat(pieces))).toHaveLength(64);
  });
});

test("the browser's entry needs nothing of Node's", async () => {
  const result = await build({
    entryPoints: ["src/browser.ts"],
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.filter((path) => path.endsWith("-node.ts"))).toEqual([]);
  expect(result.outputFiles[0]?.text).not.toMatch(/["']node:/);
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
  expect(VERSION).toBe(version);
});
