/** `sluice replay` and `sluice audit` as processes, on the examples. */

import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { readPcapng } from "../support/pcapng.ts";
import { bundleCli, ended, removeCli, sluice, startSluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const CAPTURE = "examples/kimho/capture.pcapng";

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "replay-"));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

describe("the report", () => {
  test("counts connections by service and endpoint", async () => {
    const { code, stdout } = await sluice(["replay", ...KIMHO, CAPTURE, "-o", "json"]);
    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(report).toMatchObject({
      schema: "sluice/report/v1",
      capture: { files: [CAPTURE], packets: 128 },
      verdicts: { forward: 63, reject: 1, skipped: 64 },
      connections: { created: 7 },
    });
    const [http] = report.services.filter((service) => service.port === 80);
    expect(http).toMatchObject({ namespace: "default", name: "kimho", protocol: "TCP", connections: 6, packets: 54 });
    expect(http?.endpoints.reduce((sum, endpoint) => sum + endpoint.connections, 0)).toBe(6);
  });

  test("in iptables mode counts the same of Services, whose other ports are not rejected there", async () => {
    const { code, stdout } = await sluice([
      "replay",
      ...KIMHO,
      "--mode",
      "iptables",
      "--follow",
      CAPTURE,
      "-o",
      "json",
    ]);
    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(report).toMatchObject({ verdicts: { forward: 64, reject: 0, skipped: 64 }, connections: { created: 8 } });
    expect(report.services.find(({ port }) => port === 80)).toMatchObject({ connections: 6, packets: 54 });
  });

  test("is a table for people", async () => {
    const { stdout } = await sluice(["replay", ...KIMHO, CAPTURE]);
    expect(stdout).toMatch(/^NAMESPACE +NAME +PORT +ENDPOINTS +NODE +CONNECTIONS +PACKETS +BYTES$/m);
    expect(stdout).toMatch(/^default +kimho +80\/TCP +3 endpoints +6 +54 /m);
  });

  test("is the same for the same seed, except for how long it took", async () => {
    const run = async () => {
      const { stdout } = await sluice(["replay", ...KIMHO, CAPTURE, "-o", "json", "--seed", "7"]);
      return { ...(JSON.parse(stdout) as Report), throughput: undefined };
    };
    expect(await run()).toEqual(await run());
  });

  test("is the same whether connections are written or only counted", async () => {
    const manifests = ["-f", "test/fixtures/golden/35-dualstack/manifests.yaml"];
    await sluice(["generate", ...manifests, "--connections", "40", "-w", at("dual.pcapng")]);
    const args = ["replay", ...manifests, at("dual.pcapng"), "-o", "json"];
    const [counted, written] = [await sluice(args), await sluice([...args, "--connections", at("dual.csv")])];
    const reports = [counted, written].map(({ stdout }) => ({
      ...(JSON.parse(stdout) as Report),
      throughput: undefined,
    }));
    expect(reports[0]).toEqual(reports[1]);
    expect(reports[0]?.services.filter(({ connections }) => connections > 0)).not.toEqual([]);
  });
});

describe("packets out", () => {
  test("go to a pcapng file, with the interfaces' names and the time of their cause", async () => {
    const { code } = await sluice(["replay", ...KIMHO, CAPTURE, "-w", at("out.pcapng")]);
    expect(code).toBe(0);
    const frames = readPcapng(await readFile(at("out.pcapng")));
    expect(frames).toHaveLength(64);
    expect(new Set(frames.map((frame) => frame.link))).toEqual(new Set(["cni0", "eth0"]));
    expect(frames.every((frame) => frame.time >= 1_768_471_200_000_000_000n)).toBe(true);
  });

  test("go to standard output with -w -, and the report to standard error", async () => {
    const { stdout, stderr } = await sluice(["replay", ...KIMHO, CAPTURE, "-w", "-"]);
    expect(readPcapng(Buffer.from(stdout, "latin1"))).toHaveLength(64);
    expect(stderr).toContain("NAMESPACE");
  });

  test("of a run without packets are still a file", async () => {
    const capture = await readFile(CAPTURE);
    await writeFile(
      at("empty.pcapng"),
      capture.subarray(0, new DataView(capture.buffer, capture.byteOffset).getUint32(4, true)),
    );
    const { code } = await sluice(["replay", ...KIMHO, at("empty.pcapng"), "-w", at("none.pcapng")]);
    expect(code).toBe(0);
    expect((await readFile(at("none.pcapng"))).length).toBeGreaterThan(0);
  });
});

describe("records", () => {
  test("of packets say what came in, what became of it and where it went", async () => {
    await sluice(["replay", ...KIMHO, CAPTURE, "--packets", at("packets.jsonl")]);
    const records = await lines(at("packets.jsonl"));
    expect(records).toHaveLength(128);
    expect(records[0]).toMatchObject({
      n: 1,
      time: "2026-01-15T10:00:00.000250000Z",
      in: "cni0",
      src: "10.244.1.30",
      dst: "10.96.24.6",
      proto: "tcp",
      sport: 40001,
      dport: 80,
      ct: "new",
      verdict: "forward",
      service: "default/kimho:80",
    });
    const [rejected] = records.filter((record) => record.verdict === "reject");
    expect(rejected?.answers).toHaveLength(1);
  });

  test.each(["jsonl", "csv"])("of connections are written as %s", async (format) => {
    await sluice(["replay", ...KIMHO, CAPTURE, "--connections", at(`connections.${format}`)]);
    const text = await readFile(at(`connections.${format}`), "utf8");
    expect(text.trim().split("\n")).toHaveLength(format === "csv" ? 8 : 7);
    expect(text).toContain("default/kimho:406");
  });
});

describe("what goes wrong", () => {
  test.each([
    ["a capture that is not there", [...KIMHO, "none.pcap"], 1, /^error: none\.pcap: no such file or directory$/m],
    ["a manifest that is not there", ["-f", "none.yaml", CAPTURE], 1, /^error: .*none\.yaml.*does not exist/m],
    ["no manifests", [CAPTURE], 2, /^error: no manifests are named\n {2}.* -f, or a node's state with --snapshot$/m],
    ["no capture", KIMHO, 2, /missing required argument/],
    ["an unknown option", [...KIMHO, CAPTURE, "--nonsense"], 2, /unknown option '--nonsense'/],
    ["an unknown mode", [...KIMHO, CAPTURE, "--mode", "magic"], 2, /mode "?magic"?/],
    [
      "an unknown node",
      ["-f", "examples/kimho", "--node", "node9", CAPTURE],
      1,
      /no Node is named "node9"\n.*node1, node2/,
    ],
    ["a capture that is none", [...KIMHO, "package.json"], 1, /^error: package\.json: at byte 0: this is no capture/m],
    ["Parquet", [...KIMHO, CAPTURE, "--connections", "x.parquet"], 2, /does not write Parquet/],
    ["an output that cannot be made", [...KIMHO, CAPTURE, "-w", "/nowhere/out.pcapng"], 1, /no such file or directory/],
  ])("%s", async (_, args, code, message) => {
    const result = await sluice(["replay", ...args]);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });

  test.skipIf(process.platform !== "linux").each(["-w", "--packets", "--connections"])(
    "a disk that is full, for %s",
    async (option) => {
      const path = at(`full${option}.jsonl`);
      await symlink("/dev/full", path);
      const { code, stderr } = await sluice(["replay", ...KIMHO, CAPTURE, option, path]);
      expect(stderr).toBe(`error: ${path}: no space left on device\n`);
      expect(code).toBe(1);
    },
  );

  test("a capture that is cut is replayed up to the cut", async () => {
    const capture = await readFile(CAPTURE);
    await writeFile(at("cut.pcapng"), capture.subarray(0, capture.length - 10));
    const { code, stdout, stderr } = await sluice(["replay", ...KIMHO, at("cut.pcapng"), "-o", "json"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*cut\.pcapng: at byte \d+: the file ends \d+ bytes into a record$/m);
    expect((JSON.parse(stdout) as Report).capture.packets).toBe(127);
  });

  test("manifests without a Service are worth a warning", async () => {
    await writeFile(at("empty.yaml"), "");
    const { code, stderr } = await sluice(["replay", "-f", at("empty.yaml"), CAPTURE]);
    expect(stderr).toMatch(/^warning: no Service in /m);
    expect(code).toBe(0);
  });

  test("a Service without endpoints rejects, and is listed", async () => {
    const service =
      "apiVersion: v1\nkind: Service\nmetadata: {name: lonely}\nspec: {clusterIP: 10.96.24.6, ports: [{port: 80}]}\n";
    await writeFile(at("lonely.yaml"), `${service}---\n${await readFile("examples/kimho/nodes.yaml", "utf8")}`);
    const { stdout } = await sluice(["replay", "-f", at("lonely.yaml"), "--node", "node1", CAPTURE, "-o", "json"]);
    const report = JSON.parse(stdout) as Report;
    expect(report.services).toMatchObject([{ name: "lonely", endpoints: [] }]);
    expect(report.verdicts.reject).toBeGreaterThan(0);
  });

  test("Ctrl-C ends with the report of what was seen, and 130", async () => {
    const child = startSluice(["replay", ...KIMHO, "-", "-o", "json"]);
    const result = ended(child);
    const capture = await readFile(CAPTURE);
    child.stdin?.write(capture);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill("SIGINT");
    const { code, stdout } = await result;
    expect(code).toBe(130);
    expect((JSON.parse(stdout) as Report).capture.packets).toBe(128);
  });

  test("a reader that goes away is no failure", async () => {
    const child = startSluice(["replay", ...KIMHO, CAPTURE, "-w", "-"]);
    child.stdout?.destroy();
    expect((await ended(child)).code).toBe(0);
  });
});

describe("audit", () => {
  test("of the node that made the capture finds nothing, and exits with 0", async () => {
    const { code, stdout } = await sluice(["audit", ...KIMHO, CAPTURE, "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "sluice/audit/v1",
      outbound: 64,
      matched: 64,
      missing: [],
      extra: [],
      different: [],
    });
    expect(code).toBe(0);
  });

  test("of another cluster's node finds differences, and exits with 1", async () => {
    const { code, stdout } = await sluice(["audit", "-f", "examples/service-test", CAPTURE]);
    expect(stdout).toContain("the node does not do what it should");
    expect(code).toBe(1);
  });
});

async function lines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
