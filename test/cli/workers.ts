/** Replays by several workers, held against the same replay by one. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const WORKERS = [2, 7];

let folder = "";

/** A file of the test's own. */
export const at = (name: string) => join(folder, name);

export async function bundleWorkers(): Promise<void> {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "workers-"));
}

export async function removeWorkers(): Promise<void> {
  await removeCli();
  await rm(folder, { recursive: true });
}

/** Holds several workers against one; `note`: why one of them has to do it after all. */
export async function expectTheSame(capture: string, cluster: readonly string[], note = "", suffix = ".pcapng") {
  const one = await replay(capture, cluster, 1, suffix);
  expect(one.results.report.capture.packets).toBeGreaterThan(0);
  for (const workers of WORKERS) {
    const several = await replay(capture, cluster, workers, suffix);
    expect(several.stderr).toBe(note === "" ? one.stderr : `one worker instead of ${workers}: ${note}\n${one.stderr}`);
    expect(several.code).toBe(one.code);
    expect(several.results).toEqual(one.results);
    expect(several.packets.compare(one.packets)).toBe(0);
  }
}

/** All that a replay tells, but for how long it took; connections in no order. */
async function replay(capture: string, cluster: readonly string[], workers: number, suffix: string) {
  const [written, connections] = [at(`out${suffix}`), at("connections.jsonl")];
  const outputs = ["-w", written, "--connections", connections, "-o", "json"];
  const { code, stdout, stderr } = await sluice(["replay", ...cluster, capture, ...outputs, "--workers", `${workers}`]);
  const { throughput, ...report } = JSON.parse(stdout) as Report;
  const told = (await readFile(connections, "utf8")).split("\n").sort();
  return { code, stderr, packets: await readFile(written), results: { report, connections: told } };
}
