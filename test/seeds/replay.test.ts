/** The seeds' manifests as their readers meet them: a client knocks and `sluice replay` forwards, names resolve, pods have variables. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli, removeCli, sluice } from "../cli/run.ts";
import { describeFrame } from "../support/decode.ts";
import { frame, ip4 } from "../support/packet.ts";
import { readPcapng, writePcapng } from "../support/pcapng.ts";
import { tcp } from "../support/transport.ts";

const START = 1_768_471_200_000_000_000n;
const CLIENT_MAC = "02:00:00:00:00:01";
const NODE_MAC = "02:00:00:00:00:02";

/** node1, 192.168.10.11, with pods in 10.244.1.0/24, where pods without addresses get theirs; node2 beside it. */
const NODES = ["-f", "examples/kimho/nodes.yaml", "--node", "node1"];
const POOL = ["--lb-pool", "192.168.10.240-192.168.10.250"];
/** A pod of node1 that is nobody's endpoint, and a machine outside the cluster. */
const POD = { link: "cni0", address: "10.244.1.200" };
const OUTSIDE = { link: "eth0", address: "192.168.10.99" };

interface Knock {
  readonly name: string;
  /** Files of examples/seeds. */
  readonly files: readonly string[];
  readonly from: typeof POD;
  /** An address, or a name that cluster DNS knows. */
  readonly to: string;
  readonly port: number;
  /** What leaves the node because of it: the link, and the packet as describeFrame() says it. */
  readonly leaves: RegExp;
}

const KNOCKS: readonly Knock[] = [
  {
    name: "kimho's port 80 is the container's port called http",
    files: ["kimho"],
    from: POD,
    to: "kimho",
    port: 80,
    leaves: /^cni0: tcp 10\.244\.1\.200\.40001 > 10\.244\.1\.2\.8080 S /,
  },
  {
    name: "kimho's port 443 is the container's port called https",
    files: ["kimho"],
    from: POD,
    to: "kimho",
    port: 443,
    leaves: /^cni0: tcp 10\.244\.1\.200\.40001 > 10\.244\.1\.2\.8443 S /,
  },
  {
    name: "kimho's port 406 has no container behind it, and refuses",
    files: ["kimho"],
    from: POD,
    to: "kimho",
    port: 406,
    leaves: /^cni0: icmp \S+ > 10\.244\.1\.200 type 3\/3 /,
  },
  {
    name: "kimho-nodeport is at port 30123 of the node's address, from outside as the node",
    files: ["kimho-nodeport", "kimho"],
    from: OUTSIDE,
    to: "192.168.10.11",
    port: 30123,
    leaves: /^cni0: tcp 10\.244\.1\.1\.\d+ > 10\.244\.1\.2\.8080 S /,
  },
  {
    name: "kimho-nodeport has a cluster IP too",
    files: ["kimho-nodeport", "kimho"],
    from: POD,
    to: "kimho-nodeport",
    port: 80,
    leaves: /^cni0: tcp 10\.244\.1\.200\.40001 > 10\.244\.1\.2\.8080 S /,
  },
  {
    name: "kimho-loadbalancear is at the first address of the pool",
    files: ["kimho-loadbalancer", "kimho"],
    from: OUTSIDE,
    to: "192.168.10.240",
    port: 80,
    leaves: /^cni0: tcp 10\.244\.1\.1\.\d+ > 10\.244\.1\.2\.8080 S /,
  },
  {
    name: "kimho with endpoints by hand leads out of the cluster, by the node's uplink",
    files: ["endpoints"],
    from: POD,
    to: "kimho",
    port: 80,
    leaves: /^eth0: tcp \S+ > 100\.100\.100\.31\.80 S /,
  },
  {
    name: "service-test's port 80 is port 8080 of one of two pods",
    files: ["service-test"],
    from: POD,
    to: "service-test",
    port: 80,
    leaves: /^(cni0|eth0): tcp \S+ > 10\.244\.[12]\.[23]\.8080 S /,
  },
  {
    name: "web-service's port 80 is port 80 of one of three pods",
    files: ["web-service"],
    from: POD,
    to: "web-service",
    port: 80,
    leaves: /^(cni0|eth0): tcp \S+ > 10\.244\.[12]\.[2-4]\.80 S /,
  },
  {
    name: "a headless Service's name is a pod, to which packets pass as they are",
    files: ["headless"],
    from: POD,
    to: "web-headless",
    port: 80,
    leaves: /^cni0: tcp 10\.244\.1\.200\.40001 > 10\.244\.1\.2\.80 S /,
  },
];

let folder = "";

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "seeds-"));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

describe.each(["nftables", "iptables"])("in mode %s", (mode) => {
  test.each(KNOCKS)("$name", async ({ files, from, to, port, leaves }) => {
    const capture = join(folder, "knock.pcapng");
    const out = join(folder, "out.pcapng");
    const packet = ip4(
      { src: from.address, dst: await addressOf(to, files) },
      tcp({ src: 40001, dst: port, flags: "S" }),
    );
    const knock = { link: from.link, time: START, outbound: false, frame: frame(CLIENT_MAC, NODE_MAC, packet) };
    await writeFile(capture, writePcapng([from.link], [knock]));
    const { code, stderr } = await sluice(["replay", ...manifests(files), "--mode", mode, capture, "-w", out]);
    expect(stderr).not.toContain("error:");
    expect(code).toBe(0);
    const left = readPcapng(await readFile(out)).map((sent) => `${sent.link}: ${describeFrame(sent.frame)}`);
    expect(left.join("\n")).toMatch(leaves);
  });
});

function manifests(files: readonly string[]): string[] {
  return [...NODES, ...POOL, ...files.flatMap((file) => ["-f", `examples/seeds/${file}.yaml`])];
}

/** The records that `sluice resolve` finds: "A 10.96.0.10". */
async function records(name: string, type: string, files: readonly string[]): Promise<string[]> {
  const { stdout } = await sluice(["resolve", ...manifests(files), name, type]);
  return stdout.split("\n").flatMap((line) => /\tIN\t(.*)$/.exec(line)?.[1]?.replace("\t", " ") ?? []);
}

async function addressOf(to: string, files: readonly string[]): Promise<string> {
  if (/^[\d.]+$/.test(to)) return to;
  const [record = ""] = await records(to, "A", files);
  return record.replace("A ", "");
}

describe("names", () => {
  test.each([
    ["a pod of kimho's namespace finds kimho", "kimho", "A", ["kimho"], [/^A 10\.96\.\d+\.\d+$/]],
    ["kimho's whole name", "kimho.default.svc.cluster.local", "A", ["kimho"], [/^A 10\.96\.\d+\.\d+$/]],
    ["abc-svc is another name for abc.com", "abc-svc", "A", ["external-name"], [/^CNAME abc\.com\.$/]],
    ["an external name that is an address finds nothing", "api-on-baremetal", "A", ["external-name"], []],
    ["a headless Service is its pods", "web-headless", "A", ["headless"], [/^A 10\.244\.1\.2$/, /^A 10\.244\.2\.2$/]],
  ] as const)("%s", async (_, name, type, files, expected) => {
    const found = await records(name, type, files);
    expect(found).toEqual(expected.map((record) => expect.stringMatching(record)));
  });

  test("an external name that is an address gets a warning", async () => {
    const { code, stdout, stderr } = await sluice(["check", "-f", "examples/seeds/external-name.yaml"]);
    expect(`${stdout}${stderr}`).toContain(
      'warning: Service "default/api-on-baremetal": spec.externalName: looks like an address, is taken for a name',
    );
    expect(code).toBe(0);
  });
});

test("kimho-pod has port 406 in a variable, by the port's name", async () => {
  const { stdout } = await sluice(["env", ...manifests(["kimho"]), "kimho-pod"]);
  expect(stdout.split("\n")).toContain("KIMHO_SERVICE_PORT_KIMHO_PORT=406");
});
