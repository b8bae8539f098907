/** `sluice replay`: captures through the node's data plane; report, and packets out. */

import { Command, Option } from "commander";
import type { CaptureSink } from "../capture/types.ts";
import { engineWasm, mayUseSimd, shardWasm } from "../engine/wasm-node.ts";
import { type ConnectionFormat, connectionHeader, connectionLine } from "../replay/connections.ts";
import { reasonForOneWorker } from "../replay/one-worker.ts";
import { type ReplayOptions, type ReplayProgram, type ReplayResult, replayCaptures } from "../replay/replay.ts";
import { replayOnWorkers, startThreads, WORKERS_MAX, type WorkersOptions } from "../replay/workers-node.ts";
import { reportText } from "../report/text.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { totalBytes } from "./captures.ts";
import { addEventOptions } from "./events.ts";
import { interruptible } from "./interrupt.ts";
import { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK, printProblems, usageError } from "./messages.ts";
import { addClusterOptions, collect } from "./options.ts";
import { openCaptureFile, openTextFile, type TextFile } from "./output-files-node.ts";
import { startProgress } from "./progress.ts";
import { addRulesOptions } from "./rules.ts";
import { prepare, type RunOptions } from "./setup.ts";

interface Options extends RunOptions {
  readonly write?: string;
  readonly connections?: string;
  readonly packets?: string;
  readonly follow?: boolean;
  readonly fastPath: boolean;
  readonly workers: number;
  readonly output: "text" | "json";
}

export function replayCommand(): Command {
  const command = new Command("replay")
    .description("take captures through the node's data plane")
    .argument(
      "<capture...>",
      "pcap or pcapng, also packed with gzip; IFACE=FILE says where it was taken; - is standard input",
    );
  return addEventOptions(addRulesOptions(addClusterOptions(command)))
    .option("--from-host <capture>", "packets that the node itself sends; repeatable", collect, [])
    .option("-w, --write <file>", "every packet that leaves: .pcapng, .pcap, or - for standard output")
    .option("--connections <file>", "one record per connection: .jsonl or .csv", connectionFile)
    .option("--packets <file>", "one record per input packet: .jsonl")
    .option("--follow", "take the choices that the capture's own outbound frames show, if the rules allow them")
    .option("--no-fast-path", "send every packet through every rule")
    .option("--no-optimise", "walk long chains rule by rule, as they are written, instead of by an index")
    .option("--workers <n>", "threads that share the connections; the results are those of one", parseWorkers, 1)
    .addOption(new Option("-o, --output <format>", "the report").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExample:\n  sluice replay -f cluster.yaml node.pcapng -w out.pcapng\n")
    .action(async (names: string[], options: Options) => {
      process.exitCode = await replay(names, options);
    });
}

async function replay(names: readonly string[], options: Options): Promise<number> {
  // They become ready while manifests are read.
  const threads = options.workers > 1 && mayUseSimd() ? startThreads(options.workers) : [];
  // What can be one of several does the same as the only one.
  const engine = options.workers > 1 && mayUseSimd() ? shardWasm() : engineWasm();
  const { captures, program, ruleset, steps, warnings } = await prepare(names, options);
  const { signal, dispose } = interruptible();
  const progress = await startProgress(totalBytes(captures));
  const run = {
    ...{ engine, program, captures, steps, signal },
    seed: BigInt(options.seed),
    follow: options.follow === true,
    fastPath: options.fastPath,
    onProgress: progress.update,
  };
  const result =
    (options.workers > 1 ? await onWorkers({ ...run, threads }, options, ruleset) : undefined) ??
    (await withOutputs(options, program, (callbacks) => replayCaptures({ ...run, ...callbacks })));
  const { report: counted, problems } = result;
  dispose();
  progress.stop();
  printProblems(problems);
  const report = { ...counted, warnings: [...warnings, ...counted.warnings] };
  const text = options.output === "json" ? `${JSON.stringify(report)}\n` : reportText(report);
  (options.write === "-" ? process.stderr : process.stdout).write(text);
  if (signal.aborted) return EXIT_INTERRUPTED;
  return problems.length > 0 ? EXIT_FAILURE : EXIT_OK;
}

/** Undefined: one worker has to do it. Says why. */
async function onWorkers(run: WorkersOptions, options: Options, ruleset: Ruleset): Promise<ReplayResult | undefined> {
  const { workers, packets, write } = options;
  const wanted = packets === undefined ? run : { ...run, onPacket: () => {} };
  const result =
    reasonHere(write) ??
    reasonForOneWorker(wanted, ruleset) ??
    (await withOutputs(options, run.program, (callbacks) => replayOnWorkers({ ...run, ...callbacks })));
  if (typeof result !== "string") return result;
  await Promise.all(run.threads.map((thread) => thread.end()));
  process.stderr.write(`one worker instead of ${workers}: ${result}\n`);
  return undefined;
}

function reasonHere(write: string | undefined): string | undefined {
  if (write === "-") return "what is written to standard output cannot be taken back";
  return mayUseSimd() ? undefined : "the engine that shares captures needs vector instructions";
}

type Callbacks = Pick<ReplayOptions, "output" | "outputFormat" | "onConnection" | "onPacket">;

/** Does something with all that the options want to be written opened, and closes it. */
async function withOutputs<T>(options: Options, program: ReplayProgram, run: (callbacks: Callbacks) => Promise<T>) {
  const { callbacks, close } = openOutputs(options, program);
  const result = await run(callbacks);
  await close();
  return result;
}

/** Says how it is written. */
function openOutputs(options: Options, program: ReplayProgram): { callbacks: Callbacks; close: () => Promise<void> } {
  const files: TextFile[] = [];
  const open = (path: string) => {
    const file = openTextFile(path);
    files.push(file);
    return file;
  };
  const packets = options.packets === undefined ? undefined : open(options.packets);
  const connections = options.connections === undefined ? undefined : open(options.connections);
  const format = formatOf(options.connections ?? "");
  connections?.write(connectionHeader(format));
  const capture = options.write === undefined ? undefined : openCaptureOutput(options.write, program);
  return {
    callbacks: {
      ...capture?.callbacks,
      ...(packets ? { onPacket: (record) => packets.write(`${JSON.stringify(record)}\n`) } : {}),
      ...(connections ? { onConnection: (record) => connections.write(connectionLine(record, format)) } : {}),
    },
    close: async () => {
      for (const file of files) file.close();
      await capture?.sink.close();
    },
  };
}

function openCaptureOutput(
  path: string,
  { network, linkTypes }: ReplayProgram,
): { callbacks: Callbacks; sink: CaptureSink } {
  const isPcap = path.endsWith(".pcap");
  if (isPcap && network.kind === "node" && new Set(linkTypes).size > 1) {
    throw usageError(`${path}: a pcap file has one link type, and the node's interfaces have several`, "write .pcapng");
  }
  const sink = openCaptureFile(path);
  return { callbacks: { outputFormat: isPcap ? "pcap" : "pcapng", output: sink.write }, sink };
}

function connectionFile(path: string): string {
  if (path.endsWith(".jsonl") || path.endsWith(".csv")) return path;
  if (path.endsWith(".parquet"))
    throw usageError(`${path}: this version does not write Parquet`, "write .jsonl or .csv");
  throw usageError(`${path}: the suffix says no format that is known`, "write .jsonl or .csv");
}

function parseWorkers(value: string): number {
  const workers = Number(value);
  if (Number.isInteger(workers) && workers >= 1 && workers <= WORKERS_MAX) return workers;
  throw usageError(`--workers ${value}: not a whole number from 1 to ${WORKERS_MAX}`);
}

function formatOf(path: string): ConnectionFormat {
  return path.endsWith(".csv") ? "csv" : "jsonl";
}
