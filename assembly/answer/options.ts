/** IPv4 options of answers (ip_options_echo): records that the cause asked for are carried back, and go on growing. */

import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";

const END: u32 = 0;
const NOP: u32 = 1;
const RECORD_ROUTE: u32 = 7;
const TIMESTAMP: u32 = 68;
const CIPSO: u32 = 134;
const LENGTH: usize = 1;
const POINTER: usize = 2;
const ADDRESS_BYTES: u32 = 4;

/** The cause's record has no room for a whole address: it is not answered. */
export const ECHO_IMPOSSIBLE: u32 = 0xffff_ffff;

/**
 * Writes the options of an answer from address *src behind its IP header at `to`; returns their bytes, a multiple of
 * four. Only a packet whose options have been looked at, behind routing, has any. `end` is the offset where that ended:
 * at the byte that is wrong, or at the transport header.
 */
export function echoOptions(cause: Packet, end: u32, src: usize, to: usize): u32 {
  if (cause.family == 6 || cause.transport == Wire.IP4_SIZE || !isBehindRouting(cause)) return 0;
  let bytes: u32 = 0;
  const record = findOption(cause, end, RECORD_ROUTE);
  if (record != 0) {
    bytes = copyOption(record, to);
    if (!addAddress(to, src)) return ECHO_IMPOSSIBLE;
  }
  const times = findOption(cause, end, TIMESTAMP);
  if (times != 0) bytes += copyOption(times, to + bytes);
  const label = findOption(cause, end, CIPSO);
  if (label != 0) bytes += copyOption(label, to + bytes);
  const padded = (bytes + 3) & ~3;
  memory.fill(to + bytes, <u8>END, padded - bytes);
  return padded;
}

/** A route has been looked for, whether there is one or not. */
function isBehindRouting(cause: Packet): bool {
  return cause.route != 0 || cause.reason == Verdict.REASON_NO_ROUTE;
}

/** Address of an option that has been looked at; a security label is carried back even if it is what is wrong. 0: none. */
function findOption(cause: Packet, end: u32, wanted: u32): usize {
  for (let at: u32 = Wire.IP4_SIZE; at < end; ) {
    const option = cause.address + at;
    const type: u32 = load<u8>(option);
    if (type == END) return 0;
    at += type == NOP ? 1 : load<u8>(option, LENGTH);
    if (type == wanted && (at <= end || wanted == CIPSO)) return option;
  }
  return 0;
}

function copyOption(option: usize, to: usize): u32 {
  const bytes: u32 = load<u8>(option, LENGTH);
  memory.copy(to, option, bytes);
  return bytes;
}

/** Records the answer's own address if there is a place left. False: there is a part of one. */
function addAddress(option: usize, src: usize): bool {
  const pointer: u32 = load<u8>(option, POINTER);
  const bytes: u32 = load<u8>(option, LENGTH);
  if (pointer > bytes) return true;
  if (pointer + ADDRESS_BYTES - 1 > bytes) return false;
  store<u32>(option + pointer - 1, load<u32>(src));
  store<u8>(option, <u8>(pointer + ADDRESS_BYTES), POINTER);
  return true;
}
