/** `sluice generate` as a process, and what replay and audit make of its captures. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { readPcapng } from "../support/pcapng.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "generate-"));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

async function report(...args: readonly string[]): Promise<Report> {
  const { stdout } = await sluice(["replay", ...KIMHO, ...args, "-o", "json"]);
  return JSON.parse(stdout) as Report;
}

describe("sluice generate", () => {
  test("reaches every Service port, one connection for each way there is", async () => {
    const { code, stdout } = await sluice(["generate", ...KIMHO, "-w", at("all.pcapng")]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+ packets of 3 connections to 3 Service ports\n$/);
    const { connections, services, verdicts } = await report(at("all.pcapng"));
    expect(connections).toMatchObject({ created: 3, invalid: 0 });
    expect(services.every((service) => service.connections === 1)).toBe(true);
    expect(verdicts).toMatchObject({ drop: 0, reject: 0, skipped: 0 });
  });

  test("takes numbers, a time and a rate", async () => {
    const numbers = ["--connections", "20", "--start", "2030-01-02T03:04:05Z", "--rate", "10"];
    await sluice(["generate", ...KIMHO, ...numbers, "-w", at("slow.pcapng")]);
    const [first, second] = readPcapng(await readFile(at("slow.pcapng")));
    expect(first?.time).toBe(BigInt(Date.UTC(2030, 0, 2, 3, 4, 5)) * 1_000_000n);
    expect(second!.time - first!.time).toBe(100_000_000n);
    expect((await report(at("slow.pcapng"))).connections.created).toBe(20);
    const { stdout } = await sluice(["generate", ...KIMHO, "--packets", "1234", "-w", at("many.pcapng")]);
    expect(stdout).toMatch(/^1,234 packets of /);
    expect((await report(at("many.pcapng"))).capture.packets).toBe(1234);
  });

  test("writes to standard output, and the same for the same seed", async () => {
    const bytes = async (seed: string) =>
      (await sluice(["generate", ...KIMHO, "--seed", seed, "--connections", "5", "-w", "-"])).stdout;
    expect(await bytes("7")).toBe(await bytes("7"));
    expect(await bytes("7")).not.toBe(await bytes("8"));
  });

  test("with --outbound is a capture that audit agrees with, whatever its seed", async () => {
    const files = ["-w", at("both.pcapng"), "--from-host", at("host.pcapng"), "--outbound"];
    await sluice(["generate", ...KIMHO, "--connections", "40", ...files]);
    const both = [at("both.pcapng"), "--from-host", at("host.pcapng"), "--seed", "99"];
    const { code, stdout } = await sluice(["audit", ...KIMHO, ...both]);
    expect(stdout).toMatch(
      /^(\d+) of \1 outbound frames as predicted, [1-9]\d* choices followed: the node does what it should\n$/,
    );
    expect(code).toBe(0);
  });

  test.each([
    [["-w", "x.pcap"], "x.pcap: a capture of several interfaces is a pcapng file"],
    [["-w", "/nowhere/x.pcapng"], "/nowhere/x.pcapng: no such file or directory"],
    [["-w", "x.pcapng", "--connections", "0"], "0: not a whole number above 0"],
    [["-w", "x.pcapng", "--start", "noon"], "--start noon: not a time"],
    [[], "required option '-w, --write <file>' not specified"],
  ])("%j is refused: %s", async (args, message) => {
    const { code, stderr } = await sluice(["generate", ...KIMHO, ...args]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
  });

  test("says when there is nobody to talk to", async () => {
    const headless =
      "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterIP: None, ports: [{port: 80}]}}";
    const { code, stderr } = await sluice(["generate", "-f", "-", "-w", at("none.pcapng")], headless);
    expect(code).toBe(1);
    expect(stderr).toContain("no client can reach a Service port");
  });
});
