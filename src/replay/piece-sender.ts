/** Hands over from a worker what its packets caused, piece by piece, in buffers that go to and fro. */

import type { MessagePort } from "node:worker_threads";
import { say } from "./shard-messages.ts";
import type { ConnectionRecord, ShardPiece } from "./types.ts";

/** Pieces that may be on their way to whoever puts them together: with more, this worker is ahead of others. */
const PIECES_MAX = 4;

export class PieceSender {
  readonly #port: MessagePort;
  #underWay = 0;
  readonly #buffers: ArrayBuffer[] = [];
  readonly #connections: ConnectionRecord[] = [];
  #wake = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Adds a connection to the next piece. */
  add(record: ConnectionRecord): void {
    this.#connections.push(record);
  }

  async send({ upTo, entries, records }: ShardPiece): Promise<void> {
    while (this.#underWay === PIECES_MAX) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = entries.length + records.length;
    const spare = this.#buffers.pop();
    const buffer = spare !== undefined && spare.byteLength >= bytes ? spare : new ArrayBuffer(bytes + (bytes >> 2));
    new Uint8Array(buffer).set(entries);
    new Uint8Array(buffer, entries.length).set(records);
    this.#underWay += 1;
    const [entriesBytes, recordsBytes] = [entries.length, records.length];
    const connections = this.#connections.splice(0);
    say(this.#port, { kind: "piece", upTo, entriesBytes, recordsBytes, buffer, connections });
  }

  /** Sends the connections that no piece has taken yet. */
  async finish(): Promise<void> {
    const none = new Uint8Array();
    await this.send({ upTo: Number.POSITIVE_INFINITY, entries: none, records: none });
  }

  /** A buffer comes back. */
  take(buffer: ArrayBuffer): void {
    this.#underWay -= 1;
    this.#buffers.push(buffer);
    this.#wake();
  }
}
