/** The TCP options that the window tracking reads: window scale, SACK permitted, SACK (RFC 7323, RFC 2018). */

import * as Connection from "../layout/connection";
import * as Wire from "../layout/wire";
import { TcpWindow } from "./tcp-segment";

/** TCP_MAX_WSCALE. */
const SCALE_MAX: u32 = 14;
const SCALE_BYTES: u32 = 3;
const SACK_PERMITTED_BYTES: u32 = 2;
const SACK_HEADER_BYTES: u32 = 2;
const SACK_BLOCK_BYTES: u32 = 8;

/** Notes a SYN's window scale and SACK permission in its sender's window. Without any options nothing changes. */
export function readSynOptions(header: usize, headerBytes: u32, window: TcpWindow): void {
  if (headerBytes == Wire.TCP_SIZE) return;
  window.scale = 0;
  window.flags &= <u8>Connection.WINDOW_BE_LIBERAL;
  const end = header + headerBytes;
  let at = header + Wire.TCP_OPTIONS;
  while (at < end) {
    const kind = <u32>load<u8>(at);
    if (kind == Wire.TCP_OPTION_NOP) {
      at++;
      continue;
    }
    const bytes = optionBytes(kind, at, end);
    if (bytes == 0) return;
    if (kind == Wire.TCP_OPTION_SACK_PERMITTED && bytes == SACK_PERMITTED_BYTES) {
      window.flags |= <u8>Connection.WINDOW_SACK;
    } else if (kind == Wire.TCP_OPTION_SCALE && bytes == SCALE_BYTES) {
      window.scale = <u8>min<u32>(load<u8>(at, 2), SCALE_MAX);
      window.flags |= <u8>Connection.WINDOW_SCALING;
    }
    at += bytes;
  }
}

/** The highest right edge in the first SACK option, or the acknowledged number if that is higher. */
export function highestSack(header: usize, headerBytes: u32, acknowledged: u32): u32 {
  const end = header + headerBytes;
  let at = header + Wire.TCP_OPTIONS;
  while (at < end) {
    const kind = <u32>load<u8>(at);
    if (kind == Wire.TCP_OPTION_NOP) {
      at++;
      continue;
    }
    const bytes = optionBytes(kind, at, end);
    if (bytes == 0) return acknowledged;
    const blocks = bytes - SACK_HEADER_BYTES;
    if (kind == Wire.TCP_OPTION_SACK && blocks != 0 && blocks % SACK_BLOCK_BYTES == 0) {
      return highestEdge(at + SACK_HEADER_BYTES, at + bytes, acknowledged);
    }
    at += bytes;
  }
  return acknowledged;
}

/** Length of an option of two bytes or more; 0: the list ends here, or is malformed from here on. */
function optionBytes(kind: u32, at: usize, end: usize): u32 {
  if (kind == Wire.TCP_OPTION_END || at + 2 > end) return 0;
  const bytes = <u32>load<u8>(at, 1);
  return bytes < 2 || at + bytes > end ? 0 : bytes;
}

function highestEdge(block: usize, end: usize, highest: u32): u32 {
  for (; block < end; block += SACK_BLOCK_BYTES) {
    const edge = bswap<u32>(load<u32>(block, 4));
    if (<i32>(highest - edge) < 0) highest = edge;
  }
  return highest;
}
