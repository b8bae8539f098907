/** `sluice diff` as a process: what it says, and its exit code. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diff } from "../../src/diff/types.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const CAPTURE = "examples/kimho/capture.pcapng";

let folder = "";

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "diff-"));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

describe("sluice diff", () => {
  test("between modes tells of the connection that changes", async () => {
    const { code, stdout } = await sluice(["diff", ...KIMHO, "--mode", "nftables,iptables", CAPTURE]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        "udp 10.244.1.30:40008 > 10.96.24.6:53, packet 127",
        "  verdict: reject -> forward",
        "  reason: rule-reject -> none",
        "  answer: icmp 3/3 -> no answer",
        "",
        "8 connections in 128 packets, from nftables to iptables: 1 change",
        "",
      ].join("\n"),
    );
  });

  test("as JSON has everything", async () => {
    const { stdout } = await sluice(["diff", ...KIMHO, "--mode", "nftables,iptables", CAPTURE, "-o", "json"]);
    expect(JSON.parse(stdout) as Diff).toMatchObject({
      schema: "sluice/diff/v1",
      before: "nftables",
      after: "iptables",
      connections: 8,
      changed: 1,
      differences: [
        {
          n: 127,
          proto: "udp",
          src: "10.244.1.30",
          sport: 40008,
          dst: "10.96.24.6",
          dport: 53,
          changes: [
            { field: "verdicts", before: ["reject"], after: ["forward"] },
            { field: "reasons", before: ["rule-reject"], after: ["none"] },
            { field: "answers", before: ["icmp 3/3"], after: [] },
          ],
        },
      ],
    });
  });

  test("of the same manifests says that nothing changes, whatever the seed", async () => {
    const { code, stdout } = await sluice(["diff", ...KIMHO, "--against", "examples/kimho", "--seed", "5", CAPTURE]);
    expect(stdout).toMatch(/: nothing changes\n$/);
    expect(code).toBe(0);
  });

  test("against other manifests tells which endpoints come and go", async () => {
    const { stdout: objects } = await sluice(["get", ...KIMHO, "services,endpointslices,nodes,pods", "-o", "yaml"]);
    const changed = join(folder, "changed.yaml");
    await writeFile(changed, objects.replaceAll("10.244.1.11", "10.244.1.99"));
    const { code, stdout } = await sluice(["diff", ...KIMHO, "--against", changed, CAPTURE]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "  endpoints: 10.244.1.10:8080, 10.244.1.11:8080, 10.244.2.10:8080 -> 10.244.1.10:8080, 10.244.1.99:8080, 10.244.2.10:8080\n",
    );
    expect(await readFile(changed, "utf8")).toContain("10.244.1.99");
  });

  test.each([
    [["--mode", "nftables"], "there is nothing to compare"],
    [[], "there is nothing to compare"],
    [["--mode", "a,b"], "mode a is not available in this version"],
    [["--mode", "nftables,iptables,nftables"], "two modes are compared"],
  ])("%j is refused: %s", async (args, message) => {
    const { code, stderr } = await sluice(["diff", ...KIMHO, ...args, CAPTURE]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
