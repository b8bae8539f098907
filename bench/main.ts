/**
 * `npm run bench`: all benchmarks, or those that are named, one after the other. Each round of a benchmark has one of its
 * references beside it, so that a figure can be read on another machine or in a busier hour: by its ratios. A line of JSON
 * with all figures goes to the end of the history, and what has changed since its last line is told.
 */

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { SCALE_MODES } from "../src/scale/scale.ts";
import { benchmarkEstablished, benchmarkEstablished6 } from "./established.ts";
import { type Figure, figureText, summariseFigure } from "./figures.ts";
import { benchmarkFirstPackets } from "./first-packets.ts";
import { append, changesText, lastLike, type Sitting } from "./history.ts";
import { benchmarkProgram } from "./program.ts";
import { benchmarkReplay } from "./replay.ts";
import { benchmarkStart } from "./start.ts";
import { benchmarkUpdate } from "./update.ts";

const HISTORY = "build/bench-history.jsonl";

const BENCHMARKS: Readonly<Record<string, () => AsyncIterable<Figure>>> = {
  established: () => each([1_000, 65_536, 1_000_000], benchmarkEstablished),
  "established-ip6": () => each([1_000, 65_536, 1_000_000], benchmarkEstablished6),
  "first-packets": () =>
    each(
      SCALE_MODES.flatMap((mode) => [10, 1_000, 10_000].map((services) => ({ services, mode }))),
      benchmarkFirstPackets,
    ),
  program: () => all(benchmarkProgram(1_000, 10)),
  start: () => all(benchmarkStart()),
  update: () => each(["direct", "nftables", "iptables"] as const, benchmarkUpdate),
  replay: () => all(benchmarkReplay()),
};

const { values: options, positionals: named } = parseArgs({
  options: { history: { type: "string", default: HISTORY } },
  allowPositionals: true,
});
const unknown = named.find((name) => BENCHMARKS[name] === undefined);
if (unknown === undefined) await runBenchmarks(named.length === 0 ? Object.keys(BENCHMARKS) : named);
else {
  console.error(`no benchmark is named ${unknown}; there are ${Object.keys(BENCHMARKS).join(", ")}`);
  process.exitCode = 1;
}

async function runBenchmarks(names: readonly string[]): Promise<void> {
  const figures: Record<string, ReturnType<typeof summariseFigure>> = {};
  for (const name of names) {
    for await (const figure of BENCHMARKS[name]!()) {
      figures[figure.name] = summariseFigure(figure);
      console.log(figureText(figure));
    }
  }
  const sitting: Sitting = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: machine(),
    node: process.version,
    figures,
  };
  const before = lastLike(options.history, sitting);
  if (before !== undefined) console.log(`\n${changesText(before, sitting)}`);
  append(options.history, sitting);
  console.log(`\nall figures: the last line of ${options.history}`);
}

/** One figure for each case. */
async function* each<Case>(cases: readonly Case[], benchmark: (one: Case) => Promise<Figure>): AsyncGenerator<Figure> {
  for (const one of cases) yield await benchmark(one);
}

async function* all(figures: Promise<readonly Figure[]>): AsyncGenerator<Figure> {
  yield* await figures;
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
