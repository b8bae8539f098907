/** Walks the records of a capture where they lie in linear memory, and describes the packets in them. Nothing is copied. */

import * as Capture from "../layout/capture";
import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { setByteOrder } from "./bytes";
import { walkBlocks } from "./pcapng";
import { walkRecords } from "./pcap";

/**
 * Describes the packets between two addresses in the chunk, of which the first is a record's, as CAPTURE_FORMAT says.
 * Fills the descriptors from WALK_FIRST on, WALK_LIMIT of them at most. Sets WALK_COUNT to those filled and WALK_STOP to
 * the reason for stopping. Returns the address of the first record that was not walked.
 */
export function walk(begin: usize, end: usize): usize {
  assert(begin <= end && isInChunk(begin) && isInChunk(end), "the walk leaves the chunk");
  const format = load<u32>(engine, Engine.CAPTURE_FORMAT);
  setByteOrder((format & Capture.CAPTURE_SWAPPED) != 0);
  store<u32>(engine, 0, Engine.WALK_COUNT);
  return format & Capture.CAPTURE_PCAPNG ? walkBlocks(begin, end) : walkRecords(begin, end, format);
}

function isInChunk(address: usize): bool {
  const offset = address - <usize>load<u32>(engine, Engine.CHUNK);
  return offset <= <usize>load<u32>(engine, Engine.CHUNK_BYTES);
}
