/** The records that the engine has put into its output buffer: blocks of pcapng or records of pcap, little-endian. */

import * as Capture from "../../assembly/layout/capture.ts";
import { OUTPUT_PCAP } from "../../assembly/layout/engine.ts";

export interface OutputFrame {
  /** Index of the node's interface. */
  readonly interface: number;
  /** A view that holds until the engine runs again. */
  readonly frame: Uint8Array<ArrayBuffer>;
}

/** `format` is OUTPUT_*. A pcap record names no interface: its file has only one. */
export function* outputFrames(records: Uint8Array<ArrayBuffer>, format: number): Generator<OutputFrame> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const word = (at: number) => view.getUint32(at, true);
  for (let at = 0; at < records.length; ) {
    const isPcap = format === OUTPUT_PCAP;
    const frame = at + (isPcap ? Capture.RECORD_SIZE : Capture.PACKET_FRAME);
    const bytes = word(at + (isPcap ? Capture.RECORD_FRAME_BYTES : Capture.PACKET_FRAME_BYTES));
    yield {
      interface: isPcap ? 0 : word(at + Capture.PACKET_INTERFACE),
      frame: records.subarray(frame, frame + bytes),
    };
    at = isPcap ? frame + bytes : at + word(at + Capture.BLOCK_BYTES);
  }
}
