/** `--events`, `--at` and `--sysctl`: what happens to the node while a capture runs. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const REPLAY = ["replay", "-f", "examples/kimho", "--node", "node1", "examples/kimho/capture.pcapng"];
const SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: kimho}\nspec: {ports: [{port: 80}]}\n";
const LONG_AGO = "2020-01-01T00:00:00Z";

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "events-"));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

async function replay(...options: string[]): Promise<Report> {
  const { code, stdout, stderr } = await sluice([...REPLAY, ...options, "-o", "json"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as Report;
}

async function withEvents(...lines: string[]): Promise<Report> {
  await writeFile(at("events.txt"), lines.join("\n"));
  return replay("--events", at("events.txt"));
}

describe("events", () => {
  test("a Service that is deleted before the first packet leads to no endpoint", async () => {
    const reached = ({ services }: Report) =>
      services.flatMap(({ endpoints }) => endpoints).filter(({ connections }) => connections > 0).length;
    expect(reached(await replay())).toBeGreaterThan(0);
    await writeFile(at("service.yaml"), SERVICE);
    expect(reached(await withEvents(`${LONG_AGO} kubectl delete -f service.yaml`))).toBe(0);
  });

  test("a node that stops forwarding forwards nothing", async () => {
    const report = await withEvents(`${LONG_AGO} sysctl -w net.ipv4.ip_forward=0`);
    expect(report).toMatchObject({ verdicts: { forward: 0 }, drops: { "not-forwarding": expect.any(Number) } });
  });

  test("steps after the last packet are not taken", async () => {
    const report = await withEvents("2100-01-01T00:00:00Z sysctl -w net.ipv4.ip_forward=0");
    expect(report.verdicts.forward).toBeGreaterThan(0);
  });

  test("a later snapshot's settings hold from its time on", async () => {
    await mkdir(at("later"));
    await writeFile(at("later/sysctl.txt"), "net.ipv4.ip_forward = 0\n");
    expect((await replay("--at", `${LONG_AGO}=${at("later")}`)).verdicts.forward).toBe(0);
  });

  test("a setting on the command line holds from the start", async () => {
    expect((await replay("--sysctl", "net.ipv4.ip_forward=0")).verdicts.forward).toBe(0);
  });
});

describe("mistakes", () => {
  test("in a line are told with the line, before a packet is read", async () => {
    await writeFile(at("wrong.txt"), `${LONG_AGO} conntrack -F\n${LONG_AGO} reboot\n`);
    const { code, stdout, stderr } = await sluice([...REPLAY, "--events", at("wrong.txt")]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("wrong.txt:2:1: reboot: not a command that is known here\n  a line is TIME COMMAND");
  });

  test("in a file that a line names, too", async () => {
    await writeFile(at("missing.txt"), `${LONG_AGO} kubectl apply -f nowhere.yaml\n`);
    const { code, stderr } = await sluice([...REPLAY, "--events", at("missing.txt")]);
    expect(code).toBe(1);
    expect(stderr).toContain('nowhere.yaml" does not exist');
  });

  test.each([
    ["--events", "nowhere.txt", 1, "nowhere.txt: no such file or directory"],
    ["--at", "tomorrow=dir", 2, "--at tomorrow=dir: not TIME=DIR"],
    ["--sysctl", "net.ipv4.ip_forward", 2, "--sysctl net.ipv4.ip_forward: not KEY=VALUE"],
    [
      "--sysctl",
      "net.netfilter.nf_conntrack_tpc_loose=0",
      2,
      "conntrack has no setting net.netfilter.nf_conntrack_tpc_loose",
    ],
  ])("%s %s", async (option, value, exitCode, message) => {
    const { code, stderr } = await sluice([...REPLAY, option, value]);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(message);
  });
});
