/** What a replay is given. */

import type { CaptureSource } from "../capture/types.ts";
import type { Connection } from "../engine/connections.ts";
import type { Attribution } from "../report/services.ts";

/** A capture to replay. */
export interface ReplayCapture {
  readonly name: string;
  readonly open: () => CaptureSource | Promise<CaptureSource>;
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
