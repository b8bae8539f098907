/** One worker of a replay: runs a shard and hands over what comes of it. Started by workers-node.ts. */

import { type MessagePort, parentPort } from "node:worker_threads";
import { openCapture } from "../capture/file-node.ts";
import { CaptureReadError } from "../capture/types.ts";
import { indexAddresses } from "../report/services.ts";
import { PieceSender } from "./piece-sender.ts";
import { tallyCaptures } from "./replay.ts";
import { type ShardReply, type ShardTask, say } from "./shard-messages.ts";
import type { ReplayCapture } from "./types.ts";

const PROGRESS_MILLISECONDS = 100;

if (parentPort !== null) listen(parentPort);

function listen(port: MessagePort): void {
  const stop = new AbortController();
  const pieces = new PieceSender(port);
  port.on("message", (reply: ShardReply) => {
    if (reply.kind === "stop") stop.abort();
    else if (reply.kind === "buffer") pieces.take(reply.buffer);
    // What it fails of ends the thread, and whoever started it learns of that.
    else void work(port, reply.task, pieces, stop.signal);
  });
}

async function work(port: MessagePort, task: ShardTask, pieces: PieceSender, signal: AbortSignal): Promise<void> {
  const { engine, seed, fastPath, outputFormat, wants, index, count, servers } = task;
  const hasPieces = wants.output || wants.connections;
  const tally = await tallyCaptures({
    ...{ engine, seed, fastPath, outputFormat },
    program: { ...task.program, services: indexAddresses(task.services) },
    captures: task.captures.map(captureOf),
    signal,
    shard: { index, count, servers, send: (piece) => (hasPieces ? pieces.send(piece) : undefined) },
    ...(wants.output ? { output: () => {} } : {}),
    ...(wants.progress ? { onProgress: toldNowAndThen(port) } : {}),
    ...(wants.connections ? { onConnection: (record) => pieces.add(record) } : {}),
  });
  if (hasPieces) await pieces.finish();
  say(port, { kind: "tally", tally });
  port.close();
}

/** Each message wakes the thread that shows it. */
function toldNowAndThen(port: MessagePort): (bytes: number) => void {
  let told = performance.now();
  return (bytes) => {
    if (performance.now() - told < PROGRESS_MILLISECONDS) return;
    told = performance.now();
    say(port, { kind: "progress", bytes });
  };
}

function captureOf({ path, ...capture }: ShardTask["captures"][number]): ReplayCapture {
  return {
    ...capture,
    open: async () => {
      // Every core has a worker: to wake another thread costs more than to read.
      const opened = await openCapture(path, "own");
      if ("severity" in opened) throw new CaptureReadError(opened.message);
      return opened;
    },
  };
}
