/**
 * A lane: captures that follow one another, such as the pieces of a rotated capture. Several lanes run side by side and
 * are merged by time. A lane has two regions: while what lies in one is processed, the other is being read. A lane that
 * looks ahead waits for it: what comes next is walked, and its outbound frames are known, before what comes first is
 * processed.
 */

import {
  FLAG_LOOPED,
  FLAG_OUTBOUND,
  FLAGS,
  IN_INTERFACE,
  NO_INTERFACE,
  TIME,
} from "../../assembly/layout/descriptor.ts";
import { CaptureReader } from "../capture/reader.ts";
import type { CaptureInterface, CaptureSource } from "../capture/types.ts";
import type { Engine } from "../engine/instance.ts";
import type { Problem } from "../manifest/types.ts";
import type { Batch } from "./merge.ts";
import { type OutboundTimes, timeOf } from "./outbound.ts";
import type { LaneRegions } from "./regions.ts";
import type { ReplayCapture } from "./types.ts";

export interface LaneContext {
  readonly engine: Engine;
  /** Names of the node's interfaces, by index. */
  readonly interfaces: readonly string[];
  readonly onProblem: (problem: Problem) => void;
  /** Number of a capture's interface in what is written; undefined: it cannot be written there. */
  readonly outputInterface: (captured: CaptureInterface) => number | undefined;
  /** Index of the loopback interface, where the node's own packets are fed in apart: they need not come over it again. */
  readonly loopback?: number;
  /** Where a lane looks ahead: what its outbound frames tell about the times of the node's own packets. */
  readonly outboundTimes?: OutboundTimes;
}

/** Captures of one interface follow one another, as those that name no interface do; what the host sends is apart. */
export function groupIntoLanes(captures: readonly ReplayCapture[]): ReplayCapture[][] {
  const lanes = new Map<string, ReplayCapture[]>();
  for (const capture of captures) {
    const key = `${capture.fromHost === true} ${capture.interface ?? ""}`;
    lanes.set(key, [...(lanes.get(key) ?? []), capture]);
  }
  return [...lanes.values()];
}

export class Lane {
  /** What waits to be processed: the caller takes from it. */
  readonly batch: Batch = { first: 0, count: 0, number: 1 };
  readonly #context: LaneContext;
  readonly #parts: LaneRegions;
  readonly #captures: ReplayCapture[];
  readonly #looksAhead: boolean;
  /** What comes next, on its way. */
  #ahead: Promise<Batch> | undefined;
  readonly #isFromHost: boolean;
  /** Packets of this lane that have been walked. */
  #packets = 0;
  #region = 0;
  #reader: CaptureReader | undefined;
  /** Bytes of the captures that have been read to their end. */
  #finished = 0;
  /** The last of the node's own packets whose time has been corrected, by its number. */
  #corrected = 0;

  constructor(context: LaneContext, parts: LaneRegions, captures: readonly ReplayCapture[], looksAhead: boolean) {
    this.#context = context;
    this.#parts = parts;
    this.#captures = [...captures];
    this.#looksAhead = looksAhead;
    this.#isFromHost = captures.some((capture) => capture.fromHost === true);
  }

  /** Bytes of capture that have been walked. */
  get position(): number {
    return this.#finished + (this.#reader?.position ?? 0);
  }

  /** When the batch's first packet, at `index`, is to be processed. A node's own one gets the time at which it was sent. */
  readonly timeOf = (index: number): bigint => {
    const { engine, outboundTimes } = this.#context;
    if (this.#isFromHost && outboundTimes !== undefined && this.#corrected !== this.batch.number) {
      this.#corrected = this.batch.number;
      engine.memory.setBigUint64(engine.descriptor(index) + TIME, outboundTimes.sentAt(index), true);
    }
    return timeOf(engine, index);
  };

  /** Puts what comes next into `batch`; its count stays 0 when the captures have ended. */
  async advance(): Promise<void> {
    Object.assign(this.batch, await (this.#ahead ?? this.#fill()));
    this.#ahead = this.batch.count > 0 ? this.#fill() : undefined;
    if (this.#looksAhead) await this.#ahead;
    // Whoever awaits it next learns of its failure.
    else this.#ahead?.catch(() => {});
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
  }

  /** Fills the next region. A damaged capture is told, and its lane goes on with the next capture. */
  async #fill(): Promise<Batch> {
    const region = this.#parts.regions[this.#region]!;
    this.#region = (this.#region + 1) % this.#parts.regions.length;
    this.#reader?.moveTo(region.chunk, region.descriptors);
    for (;;) {
      this.#reader ??= await this.#open(region);
      if (this.#reader === undefined) return { first: 0, count: 0, number: 1 };
      const next = await this.#reader.nextBatch();
      if (next.kind === "packets") {
        const batch = { first: next.first, count: next.count, number: this.#packets + 1 };
        this.#packets += next.count;
        if (this.#looksAhead) this.#showOutbound(batch);
        this.#skipLoopback(batch);
        return batch;
      }
      if (next.kind === "problem") this.#context.onProblem(next.problem);
      this.#finished = this.position;
      await this.close();
    }
  }

  #showOutbound(batch: Batch): void {
    this.#context.engine.exports.indexOutbound(batch.first, batch.count);
    if (!this.#isFromHost) this.#context.outboundTimes?.note(batch);
  }

  #skipLoopback({ first, count }: Batch): void {
    const { engine, loopback } = this.#context;
    if (loopback === undefined || this.#isFromHost) return;
    for (let index = first; index < first + count; index++) {
      const at = engine.descriptor(index);
      const { memory } = engine;
      const flags = memory.getUint16(at + FLAGS, true);
      if (memory.getUint16(at + IN_INTERFACE, true) !== loopback || (flags & FLAG_OUTBOUND) !== 0) continue;
      memory.setUint16(at + FLAGS, flags | FLAG_LOOPED, true);
    }
  }

  async #open(region: LaneRegions["regions"][number]): Promise<CaptureReader | undefined> {
    const capture = this.#captures.shift();
    if (capture === undefined) return undefined;
    const source = await capture.open();
    return new CaptureReader(this.#looksAhead ? greedy(source) : source, this.#context.engine, {
      ...region,
      interfaces: this.#parts.interfaces,
      outputInterface: this.#context.outputInterface,
      nodeInterface: (captured) => this.#nodeInterface(captured, capture),
      fromHost: capture.fromHost === true,
    });
  }

  /** The capture's own word for the interface, else the user's; unknown: the way in follows from source addresses. */
  #nodeInterface(captured: CaptureInterface, capture: ReplayCapture): number {
    const index = this.#context.interfaces.indexOf(captured.name ?? capture.interface ?? "");
    return index < 0 ? NO_INTERFACE : index;
  }
}

/** Fills a region as far as it goes: looking ahead is worth little when pieces are small. */
function greedy(source: CaptureSource): CaptureSource {
  return {
    name: source.name,
    read: async (into) => {
      let filled = 0;
      while (filled < into.length) {
        const bytes = await source.read(into.subarray(filled));
        if (bytes === 0) break;
        filled += bytes;
      }
      return filled;
    },
    close: () => source.close(),
  };
}
