/** What became of one packet: a descriptor in the engine's memory → a plain object. */

import * as Layout from "../../assembly/layout/descriptor.ts";
import type { Engine } from "./instance.ts";
import { CT_NAMES, REASON_NAMES, VERDICT_NAMES } from "./names.ts";

export interface Outcome {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly verdict: string;
  readonly reason: string;
  readonly ct: string;
  readonly direction: "original" | "reply";
  /** Indices; absent where there is none. */
  readonly connection?: number;
  readonly inInterface?: number;
  readonly outInterface?: number;
  /** Length of the IP packet after processing, and where it starts in the engine's memory. */
  readonly packetBytes: number;
  readonly packet: number;
  /** What the packet caused: bytes of the output buffer. */
  readonly outputBegin: number;
  readonly outputEnd: number;
}

export function readOutcome(engine: Engine, index: number): Outcome {
  const at = engine.descriptor(index);
  const { memory } = engine;
  const connection = memory.getUint32(at + Layout.CONNECTION, true);
  const inInterface = memory.getUint16(at + Layout.IN_INTERFACE, true);
  const outInterface = memory.getUint16(at + Layout.OUT_INTERFACE, true);
  return {
    time: memory.getBigUint64(at + Layout.TIME, true),
    verdict: VERDICT_NAMES[memory.getUint8(at + Layout.VERDICT)] ?? "none",
    reason: REASON_NAMES[memory.getUint8(at + Layout.REASON)] ?? "none",
    ct: CT_NAMES[memory.getUint8(at + Layout.CT)] ?? "untracked",
    direction: memory.getUint8(at + Layout.DIRECTION) === 0 ? "original" : "reply",
    ...(connection === Layout.NO_CONNECTION ? {} : { connection }),
    ...(inInterface === Layout.NO_INTERFACE ? {} : { inInterface }),
    ...(outInterface === Layout.NO_INTERFACE ? {} : { outInterface }),
    packetBytes: memory.getUint32(at + Layout.PACKET_BYTES, true),
    packet: memory.getUint32(at + Layout.FRAME, true) + memory.getUint16(at + Layout.LINK_BYTES, true),
    outputBegin: memory.getUint32(at + Layout.OUTPUT_BEGIN, true),
    outputEnd: memory.getUint32(at + Layout.OUTPUT_END, true),
  };
}
