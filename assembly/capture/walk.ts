/** Walks the records of a capture where they lie in linear memory, and describes the packets in them. Nothing is copied. */

import * as Capture from "../layout/capture";
import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { setByteOrder } from "./bytes";
import { walkBlocks } from "./pcapng";
import { walkRecords } from "./pcap";

/**
 * Describes the packets in [begin, end) of the chunk, from the first record on, as CAPTURE_FORMAT says. Fills the
 * descriptors from WALK_FIRST on, WALK_LIMIT of them at most. Sets WALK_COUNT to those filled and WALK_STOP to the
 * reason for stopping. Returns the offset of the first record that was not walked.
 */
export function walk(begin: u32, end: u32): u32 {
  assert(begin <= end && end <= load<u32>(engine, Engine.CHUNK_BYTES), "the walk leaves the chunk");
  const chunk: usize = load<u32>(engine, Engine.CHUNK);
  const format = load<u32>(engine, Engine.CAPTURE_FORMAT);
  setByteOrder((format & Capture.CAPTURE_SWAPPED) != 0);
  store<u32>(engine, 0, Engine.WALK_COUNT);
  const first = chunk + <usize>begin;
  const last = chunk + <usize>end;
  const stop = format & Capture.CAPTURE_PCAPNG ? walkBlocks(first, last) : walkRecords(first, last, recordSize(format));
  return <u32>(stop - chunk);
}

function recordSize(format: u32): u32 {
  return format & Capture.CAPTURE_MODIFIED_PCAP ? Capture.MODIFIED_RECORD_SIZE : Capture.RECORD_SIZE;
}
