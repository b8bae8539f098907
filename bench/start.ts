/** From a file of manifests to a running program, as processes of their own: how long, and how much memory. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dump } from "js-yaml";
import { manifestsOf } from "../src/scale/cluster.ts";

const SERVICES = 10_000;
const ENDPOINTS = 10;

export interface StartResult {
  readonly what: string;
  /** Of the whole process: by the clock, and of processors. */
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly memoryMebibytes: number;
}

/** What bench/start-process.ts prints. */
export type ProcessFigures = Pick<StartResult, "processorSeconds" | "memoryMebibytes">;

export function benchmarkStart(): StartResult[] {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const list = manifestsOf(SERVICES, ENDPOINTS);
    writeFileSync(join(folder, "list.json"), JSON.stringify(list));
    writeFileSync(join(folder, "documents.yaml"), list.items.map((item) => dump(item)).join("---\n"));
    return ["list.json", "documents.yaml"].flatMap((file) =>
      ["nftables", "iptables"].map((mode) => start(join(folder, file), mode, `${file}, ${mode}`)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function start(file: string, mode: string, what: string): StartResult {
  const program = fileURLToPath(new URL("./start-process.js", import.meta.url));
  const begin = performance.now();
  const printed = execFileSync(process.execPath, [program, file, mode], { encoding: "utf8" });
  const seconds = (performance.now() - begin) / 1000;
  return { what: `${SERVICES} Services × ${ENDPOINTS}, ${what}`, seconds, ...(JSON.parse(printed) as ProcessFigures) };
}
