/** `npm run bench`: all benchmarks, one after the other; a table on stdout, and all figures as JSON in bench/results/. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { SCALE_MODES } from "../src/scale/scale.ts";
import { benchmarkEstablished } from "./established.ts";
import { benchmarkFirstPackets } from "./first-packets.ts";
import { benchmarkProgram } from "./program.ts";
import { benchmarkReplay } from "./replay.ts";
import { benchmarkStart } from "./start.ts";
import { benchmarkUpdate } from "./update.ts";

const CONNECTIONS = [1_000, 65_536, 1_000_000];
const SERVICES = [10, 1_000, 10_000];

const results: Record<string, unknown> = {
  machine: machine(),
  node: process.version,
  commit: commit(),
  date: new Date().toISOString(),
};

for (const connections of CONNECTIONS) {
  const established = await benchmarkEstablished(connections);
  results[`established/${connections}`] = established;
  print(`established, ${connections} connections`, `${summary(established.engine, 1)} ns a packet`);
  print("  the same in C, without TCP's state", compared(established.engine, established.native));
  print("  and in JavaScript", compared(established.engine, established.plain));
}
for (const [mode, services] of SCALE_MODES.flatMap((mode) => SERVICES.map((count) => [mode, count] as const))) {
  const rates = await benchmarkFirstPackets(services, mode);
  results[`first-packets/${mode}/${services}`] = rates;
  print(
    `first packets, ${services} Services, ${mode}`,
    `${summary(
      rates.map((rate) => rate / 1e6),
      2,
    )} million a second`,
  );
}
const timings = await benchmarkProgram(1_000, 10);
results["program/1000x10"] = timings;
for (const { name, milliseconds, margin } of timings)
  print(name, `${milliseconds.toFixed(1)} ms ± ${margin.toFixed(0)} %`);
const starts = benchmarkStart();
results.start = starts;
for (const { what, seconds, processorSeconds, memoryMebibytes } of starts) {
  const times = `${seconds.toFixed(2)} s (processors ${processorSeconds.toFixed(2)} s)`;
  print(what, `${times}, ${memoryMebibytes.toFixed(0)} MiB`);
}
for (const mode of ["direct", "nftables", "iptables"] as const) {
  const update = await benchmarkUpdate(mode);
  results[`update/${mode}`] = update;
  const times = `${summary(update.updates, 1)} ms to the new program, the first ${update.first.toFixed(0)} ms`;
  print(`one EndpointSlice among ${update.services} Services, ${mode}`, times);
}
const replay = benchmarkReplay();
results.replay = replay;
const best = Math.min(...replay.seconds);
print(
  "replay -w, whole process",
  `${summary(replay.seconds, 2)} s for ${(replay.bytes / 1e6).toFixed(0)} MB, ${replay.packets} packets`,
);
print(
  "",
  `${(replay.packets / best / 1e6).toFixed(2)} million packets, ${(replay.bytes / best / 1e6).toFixed(0)} MB a second; cp: ${summary(replay.copySeconds, 2)} s`,
);

mkdirSync("bench/results", { recursive: true });
const file = `bench/results/${new Date().toISOString().replaceAll(":", "-")}.json`;
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(`\nall figures: ${file}`);

function print(name: string, text: string): void {
  console.log(`${name.padEnd(40)}${text}`);
}

/** Figures of another program that took its rounds in between, and how many times as much the engine takes. */
function compared(engine: readonly number[], other: readonly number[]): string {
  if (other.length === 0) return "no C compiler";
  return `${summary(other, 1)}; the engine: ${(Math.min(...engine) / Math.min(...other)).toFixed(2)} ×, best to best`;
}

/** Median, and the best and worst around it. */
function summary(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >>> 1]!, sorted.at(-1)!];
  return `${median.toFixed(digits)} (${least.toFixed(digits)} … ${most.toFixed(digits)})`;
}

function machine(): string {
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model ?? "unknown processor"}`;
}

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
