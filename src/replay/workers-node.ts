/**
 * A replay on several threads. Each worker reads the captures itself and takes the packets of its own connections through
 * an engine of its own; here what they counted is added, and what they wrote is put together in the captures' order. The
 * results are those of one worker.
 */

import { loadEngine } from "../engine/load.ts";
import { reasonFound } from "./one-worker.ts";
import { OutputFile } from "./output-file.ts";
import { type ReplayOptions, type ReplayResult, reportOf } from "./replay.ts";
import { serversOf } from "./servers.ts";
import { shardExports } from "./shard-engine.ts";
import { ShardMerger } from "./shard-merger.ts";
import type { ShardTask } from "./shard-messages.ts";
import { ShardThread } from "./shard-thread-node.ts";

export const WORKERS_MAX = 16;

/** What workers need of a replay: reasonForOneWorker() has nothing against it. */
export interface WorkersOptions extends ReplayOptions {
  /** An engine that can be a shard. */
  readonly engine: Promise<WebAssembly.Module>;
  /** Started, and without anything to do. */
  readonly threads: readonly ShardThread[];
}

/** Threads for so many workers, soon ready. */
export function startThreads(workers: number): ShardThread[] {
  return Array.from({ length: workers }, () => new ShardThread());
}

/** The result, or the reason that one worker has to do it all over again. */
export async function replayOnWorkers(options: WorkersOptions): Promise<ReplayResult | string> {
  const started = performance.now();
  const module = await options.engine;
  const shards = options.threads;
  for (const [index, task] of tasksOf(options, module).entries()) shards[index]!.begin(task, options.onProgress);
  const stop = () => {
    for (const shard of shards) shard.stop();
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    const [tallies] = await Promise.all([
      Promise.all(shards.map(({ tally }) => tally)),
      putTogether(options, module, shards),
    ]);
    const reason = reasonFound(tallies, options.program.network.sysctls);
    if (reason !== undefined) return reason;
    // All of them have read the same files.
    return { report: reportOf(tallies, options, started), problems: tallies[0]!.problems };
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await Promise.all(shards.map((shard) => shard.end()));
  }
}

function tasksOf(options: WorkersOptions, engine: WebAssembly.Module): ShardTask[] {
  const { image, network, interfaces, linkTypes, services } = options.program;
  const servers = serversOf(options.program);
  return options.threads.map((_, index) => ({
    ...{ index, count: options.threads.length, engine, servers },
    program: { image, network, interfaces, linkTypes },
    services: { entries: services.entries, fronts: services.fronts },
    captures: options.captures.map(({ open, path = "", ...capture }) => ({ ...capture, path })),
    seed: options.seed ?? 1n,
    fastPath: options.fastPath !== false,
    outputFormat: options.outputFormat ?? "pcapng",
    wants: {
      output: options.output !== undefined,
      connections: options.onConnection !== undefined,
      progress: options.onProgress !== undefined && index === 0,
    },
  }));
}

/** Takes the shards' pieces as they come, always in the same order, and writes what all of them have dealt with. */
async function putTogether(options: WorkersOptions, module: WebAssembly.Module, shards: readonly ShardThread[]) {
  if (options.output === undefined && options.onConnection === undefined) return;
  const merger = new ShardMerger(shardExports({ exports: await loadEngine(module) }), shards.length);
  const file = new OutputFile(options.program, options.outputFormat ?? "pcapng", (bytes) => options.output?.(bytes));
  const upTo = shards.map(() => 0);
  let writing = Promise.resolve();
  for (let done = 0; done < Number.POSITIVE_INFINITY; done = Math.min(...upTo)) {
    const merged = merger.merge(done);
    await writing;
    writing = file.write(merged);
    // Whoever awaits the write next learns of its failure.
    writing.catch(() => {});
    for (const [index, shard] of shards.entries()) {
      if (upTo[index]! > done) continue;
      const piece = await shard.nextPiece();
      upTo[index] = piece?.upTo ?? Number.POSITIVE_INFINITY;
      if (piece === undefined) continue;
      merger.take(index, piece);
      if (options.onConnection !== undefined) piece.connections.forEach(options.onConnection);
      shard.giveBack(piece);
    }
  }
  await writing;
  await file.write(new Uint8Array());
}
