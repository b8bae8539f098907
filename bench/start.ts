/** From a file of manifests to a running program, as processes of their own: how long, and how much memory. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dump } from "js-yaml";
import { manifestsOf } from "../src/scale/cluster.ts";
import type { Figure } from "./figures.ts";
import { measured, YARDSTICK } from "./yardstick.ts";

const SERVICES = 10_000;
const ENDPOINTS = 10;
const ROUNDS = 3;

/** What bench/start-process.ts prints. */
export interface ProcessFigures {
  readonly processorSeconds: number;
  readonly memoryMebibytes: number;
}

export async function benchmarkStart(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const list = manifestsOf(SERVICES, ENDPOINTS);
    writeFileSync(join(folder, "list.json"), JSON.stringify(list));
    writeFileSync(join(folder, "documents.yaml"), list.items.map((item) => dump(item)).join("---\n"));
    const figures: Figure[] = [];
    for (const file of ["list.json", "documents.yaml"])
      for (const mode of ["nftables", "iptables"]) figures.push(...(await start(join(folder, file), mode, file)));
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of the whole process: time by the clock and of processors, and memory. */
async function start(file: string, mode: string, what: string): Promise<Figure[]> {
  const program = fileURLToPath(new URL("./start-process.js", import.meta.url));
  const { results, yardstick } = await measured(ROUNDS, () => {
    const begin = performance.now();
    const printed = execFileSync(process.execPath, [program, file, mode], { encoding: "utf8" });
    return { seconds: (performance.now() - begin) / 1000, ...(JSON.parse(printed) as ProcessFigures) };
  });
  const name = `start, ${SERVICES} Services × ${ENDPOINTS}, ${what}, ${mode}`;
  const references = { [YARDSTICK]: yardstick };
  return [
    { name, unit: "s", values: results.map(({ seconds }) => seconds), references },
    { name: `${name}: processors`, unit: "s", values: results.map((one) => one.processorSeconds), references },
    { name: `${name}: memory`, unit: "MiB", values: results.map((one) => one.memoryMebibytes), references: {} },
  ];
}
