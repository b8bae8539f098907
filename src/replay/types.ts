/** What a replay is given. */

import type { CaptureSource } from "../capture/types.ts";
import type { Connection } from "../engine/connections.ts";
import type { Attribution, Server } from "../report/services.ts";

/** A capture to replay. */
export interface ReplayCapture {
  readonly name: string;
  readonly open: () => CaptureSource | Promise<CaptureSource>;
  /** The file that it is, where it is one: other threads can open it, too. */
  readonly path?: string;
  /** The node's interface that it was taken on, where the capture itself does not say. */
  readonly interface?: string;
  /** The node itself sends all its packets: they start at the OUTPUT hook. */
  readonly fromHost?: boolean;
}

/** A connection at its end, or still open when the captures end. */
export interface ConnectionRecord {
  readonly connection: Connection;
  readonly open: boolean;
  readonly attribution?: Attribution;
}

/** Descriptors, named by their indices. */
export interface ObservedBatch {
  readonly first: number;
  readonly count: number;
  /** The packet's number in its captures, from 1: what Wireshark shows. */
  readonly numberOf: (index: number) => number;
}

/** Looks at a batch before the engine processes it, and at parts of it afterwards. */
export interface Observer {
  readonly before?: (batch: ObservedBatch) => void;
  readonly after?: (part: ObservedBatch) => void;
}

/** Output of a shard's packets, as it comes. */
export interface ShardPiece {
  /** All packets of the captures before this number, from 0, have been dealt with: nothing earlier comes later. */
  readonly upTo: number;
  /** Entries and records of layout/shard.ts, whose offsets count from the first record: views until the promise is settled. */
  readonly entries: Uint8Array<ArrayBuffer>;
  readonly records: Uint8Array<ArrayBuffer>;
}

/** Where somebody listens. `isNode`: at an address of the node's. */
export interface ShardServer extends Server {
  readonly isNode: boolean;
}

/** A share of a replay. */
export interface Shard {
  /** Which one, from 0, of how many. */
  readonly index: number;
  readonly count: number;
  readonly servers: readonly ShardServer[];
  readonly send: (piece: ShardPiece) => Promise<void> | void;
}
