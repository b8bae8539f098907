/**
 * Plain segments of established TCP connections, as the short way reads them: their numbers side by side, in the machine's
 * order.
 */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { highestSack } from "./tcp-options";

/**
 * A plain segment as readNumbers() and readSack() leave it: first what the record keeps of the last one from LAST_SEQ on, and
 * then the highest number that it acknowledges, selectively or not.
 *
 *       0      4      8      12       14     15        16
 *       ├──────┼──────┼──────┼────────┼──────┼─────────┼──────┤
 *       │ seq  │ ack  │ end  │ window │ kind │direction│ sack │
 */
export const SEQUENCE: usize = 0;
export const ACKNOWLEDGED: usize = 4;
export const END: usize = 8;
export const WINDOW: usize = 12;
export const KIND: usize = 14;
export const SACK: usize = 16;
export const SEGMENT_SIZE: usize = 20;
if (Connection.LAST_ACK != Connection.LAST_SEQ + ACKNOWLEDGED) ERROR("LAST_ACK is not where a segment has it");
if (Connection.LAST_END != Connection.LAST_SEQ + END) ERROR("LAST_END is not where a segment has it");
if (Connection.LAST_WINDOW != Connection.LAST_SEQ + WINDOW) ERROR("LAST_WINDOW is not where a segment has it");
if (Connection.LAST_INDEX != Connection.LAST_SEQ + KIND) ERROR("LAST_INDEX is not where a segment has it");
if (Connection.LAST_DIRECTION != Connection.LAST_INDEX + 1) ERROR("LAST_DIRECTION is not where a segment has it");

/** Data offset, flags and window of a TCP header are one word, here as loaded. */
const ODD_FLAGS: u32 = (Wire.TCP_FIN | Wire.TCP_SYN | Wire.TCP_RST | Wire.TCP_URG | Wire.TCP_ACK) << 8;
const PLAIN_FLAGS: u32 = Wire.TCP_ACK << 8;
const WINDOW_BITS: u32 = 0xffff0000;
/** From the bit that tells a record's halves apart to the byte of LAST_DIRECTION behind LAST_INDEX. */
const DIRECTION_SHIFT: u32 = 8 - Connection.DIRECTION_LOG2;
if (Wire.TCP_FLAGS != Wire.TCP_DATA_OFFSET + 1) ERROR("the flags are not where isSegmentPlain() looks");

/** Brings sequence, acknowledgement and, last, window into the machine's order. */
const order: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 0xff, 0xff, 0xff, 0xff, 11, 10, 0xff, 0xff], 16);

/** It opens, ends or stops nothing: no flag is odd, and the window is not zero. `word`: the four bytes at TCP_DATA_OFFSET. */
export function isSegmentPlain(word: u32): bool {
  return rotl<u32>((word & (WINDOW_BITS | ODD_FLAGS)) ^ PLAIN_FLAGS, 16) - 1 < WINDOW_BITS >> 16;
}

export function headerBytesOf(word: u32): u32 {
  return (word & 0xf0) >> 2;
}

/**
 * Reads what a plain segment with so many bytes of data, of the direction that `half` is of, says outside its options, in the
 * machine's order.
 */
export function readNumbers(header: usize, bytes: u32, half: usize, segment: usize): void {
  if (ASC_FEATURE_SIMD) {
    const numbers = i8x16.swizzle(v128.load(header, Wire.TCP_SEQUENCE), v128.load(order));
    v128.store(segment, numbers);
    store<u32>(segment, i32x4.extract_lane(numbers, 0) + bytes, END);
    v128.store_lane<u32>(segment, numbers, 1, SACK);
  } else {
    const sequence = bswap(load<u32>(header, Wire.TCP_SEQUENCE));
    const acknowledged = bswap(load<u32>(header, Wire.TCP_ACKNOWLEDGED));
    store<u32>(segment, sequence, SEQUENCE);
    store<u32>(segment, acknowledged, ACKNOWLEDGED);
    store<u32>(segment, sequence + bytes, END);
    store<u16>(segment, bswap<u16>(load<u16>(header, Wire.TCP_WINDOW)), WINDOW);
    store<u32>(segment, acknowledged, SACK);
  }
  store<u16>(segment, kindOf(half), KIND);
}

/** Kind and direction of a plain segment of the direction that `half` is of. */
export function kindOf(half: usize): u32 {
  return State.TCP_ACK | ((<u32>half & Connection.REPLY) << DIRECTION_SHIFT);
}

/** The only option is a timestamp, as in most segments that have one: nothing is acknowledged selectively. */
export function hasOnlyTimestamp(header: usize, headerBytes: u32): bool {
  if (headerBytes != Wire.TCP_SIZE + Wire.TCP_ONLY_TIMESTAMP_SIZE) return false;
  return load<u32>(header, Wire.TCP_OPTIONS) == Wire.TCP_ONLY_TIMESTAMP;
}

/** Reads what the options of a segment acknowledge, behind readNumbers(). */
export function readSack(header: usize, segment: usize): void {
  const headerBytes = headerBytesOf(load<u32>(header, Wire.TCP_DATA_OFFSET));
  store<u32>(segment, highestSack(header, headerBytes, load<u32>(segment, ACKNOWLEDGED)), SACK);
}
