/** What a replay and its workers say to each other. */

import type { MessagePort } from "node:worker_threads";
import type { ServiceAddresses } from "../report/services.ts";
import type { OutputFormat } from "./output-file.ts";
import type { ReplayProgram, ReplayTally } from "./replay.ts";
import type { ConnectionRecord, ReplayCapture, ShardServer } from "./types.ts";

/** What a worker is given: plain data. */
export interface ShardTask {
  readonly index: number;
  readonly count: number;
  readonly engine: WebAssembly.Module;
  readonly program: Omit<ReplayProgram, "services">;
  readonly services: ServiceAddresses;
  readonly servers: readonly ShardServer[];
  readonly captures: readonly (Omit<ReplayCapture, "open"> & { readonly path: string })[];
  readonly seed: bigint;
  readonly fastPath: boolean;
  readonly outputFormat: OutputFormat;
  /** What is wanted besides counts. */
  readonly wants: { readonly output: boolean; readonly connections: boolean; readonly progress: boolean };
}

/** What a worker's packets up to a number caused. Records stand behind entries in the buffer, which goes back afterwards. */
export interface PieceMessage {
  readonly kind: "piece";
  readonly upTo: number;
  readonly entriesBytes: number;
  readonly recordsBytes: number;
  readonly buffer: ArrayBuffer;
  readonly connections: readonly ConnectionRecord[];
}

export type ShardMessage =
  | PieceMessage
  | { readonly kind: "progress"; readonly bytes: number }
  | { readonly kind: "tally"; readonly tally: ReplayTally };

/** What a worker is told: what to do, first; that a buffer comes back, or it is to stop. */
export type ShardReply =
  | { readonly kind: "task"; readonly task: ShardTask }
  | { readonly kind: "buffer"; readonly buffer: ArrayBuffer }
  | { readonly kind: "stop" };

/** A piece's buffer goes over and is not copied. */
export function say(port: MessagePort, message: ShardMessage): void {
  port.postMessage(message, message.kind === "piece" ? [message.buffer] : []);
}
