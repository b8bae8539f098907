/** A worker as the thread that started it sees it. */

import { Worker } from "node:worker_threads";
import type { ReplayTally } from "./replay.ts";
import type { PieceMessage, ShardMessage, ShardReply, ShardTask } from "./shard-messages.ts";

/**
 * A thread that has nothing to do yet holds no process up: it can be started before it is known whether there will be
 * anything, and be ready when there is.
 */
export class ShardThread {
  /** What the shard has counted, at its end. */
  readonly tally: Promise<ReplayTally>;
  readonly #worker: Worker;
  readonly #pieces: PieceMessage[] = [];
  #isOver = false;
  #wake = () => {};
  #onProgress: (bytes: number) => void = () => {};

  constructor() {
    this.#worker = new Worker(new URL("./shard-worker-node.js", import.meta.url));
    this.tally = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: ShardMessage) => {
        if (message.kind === "progress") this.#onProgress(message.bytes);
        else if (message.kind === "piece") this.#arrive(message);
        else this.#end(() => resolve(message.tally));
      });
      this.#worker.on("error", (error) => this.#end(() => reject(error)));
      this.#worker.on("exit", () => this.#end(() => reject(new Error("a worker has ended before its packets did"))));
    });
    // Whoever awaits it learns of its failure, also when that is later.
    this.tally.catch(() => {});
    this.#worker.unref();
  }

  /** The shard begins. */
  begin(task: ShardTask, onProgress: (bytes: number) => void = () => {}): void {
    this.#worker.ref();
    this.#onProgress = onProgress;
    this.#tell({ kind: "task", task }, []);
  }

  /** The next piece; undefined: there will be no other. */
  async nextPiece(): Promise<PieceMessage | undefined> {
    while (this.#pieces.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#pieces.shift();
  }

  /** A piece has been used up. */
  giveBack({ buffer }: PieceMessage): void {
    this.#tell({ kind: "buffer", buffer }, [buffer]);
  }

  /** The shard reads no further. */
  stop(): void {
    this.#tell({ kind: "stop" }, []);
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #arrive(piece: PieceMessage): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  #end(settle: () => void): void {
    this.#isOver = true;
    this.#wake();
    settle();
  }

  #tell(reply: ShardReply, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(reply, transfer);
  }
}
