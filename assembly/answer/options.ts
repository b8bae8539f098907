/**
 * IPv4 options of answers (ip_options_echo): records that the cause asked for are carried back, and go on growing; a route
 * that it was given is taken back.
 */

import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { srcAddress } from "./header";

const END: u32 = 0;
const NOP: u32 = 1;
const RECORD_ROUTE: u32 = 7;
const TIMESTAMP: u32 = 68;
const LOOSE_SOURCE_ROUTE: u32 = 131;
const CIPSO: u32 = 134;
const STRICT_SOURCE_ROUTE: u32 = 137;
const LENGTH: usize = 1;
const POINTER: usize = 2;
const ADDRESS_BYTES: u32 = 4;
/** An option's type, length and pointer, and the pointer to its first address. */
const RECORD_BYTES: u32 = 3;
const POINTER_MIN: u32 = 4;

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
  const hop = lastHop(cause, end);
  if (hop != 0) bytes += reverseRoute(sourceRoute(cause, end), hop, srcAddress(cause), to + bytes);
  const label = findOption(cause, end, CIPSO);
  if (label != 0) bytes += copyOption(label, to + bytes);
  const padded = (bytes + 3) & ~3;
  memory.fill(to + bytes, <u8>END, padded - bytes);
  return padded;
}

/**
 * Address of the address that an answer goes to first: the last that the cause's source route has passed, or the cause's
 * sender. `end` as for echoOptions().
 */
export function firstHop(cause: Packet, end: u32): usize {
  if (cause.family == 6 || cause.transport == Wire.IP4_SIZE || !isBehindRouting(cause)) return srcAddress(cause);
  const hop = lastHop(cause, end);
  return hop == 0 ? srcAddress(cause) : hop;
}

function sourceRoute(cause: Packet, end: u32): usize {
  const loose = findOption(cause, end, LOOSE_SOURCE_ROUTE);
  return loose != 0 ? loose : findOption(cause, end, STRICT_SOURCE_ROUTE);
}

/** Address of the place before the source route's pointer, or 0: it has none, or has passed none. */
function lastHop(cause: Packet, end: u32): usize {
  const option = sourceRoute(cause, end);
  if (option == 0) return 0;
  const bytes: u32 = load<u8>(option, LENGTH);
  const passed = min(<u32>load<u8>(option, POINTER), bytes + 1);
  return passed < POINTER_MIN + ADDRESS_BYTES ? 0 : option + passed - ADDRESS_BYTES - 1;
}

/**
 * Writes the route back to `sender` from the one before the last hop on; returns its bytes. A first hop that is the sender
 * itself is left out (RFC 1812).
 */
function reverseRoute(option: usize, hop: usize, sender: usize, to: usize): u32 {
  let at = to + RECORD_BYTES;
  for (hop -= ADDRESS_BYTES; hop >= option + RECORD_BYTES; hop -= ADDRESS_BYTES) {
    store<u32>(at, load<u32>(hop));
    at += ADDRESS_BYTES;
  }
  if (load<u32>(sender) == load<u32>(hop + ADDRESS_BYTES)) at -= ADDRESS_BYTES;
  if (at < to + RECORD_BYTES) return 0;
  store<u32>(at, load<u32>(sender));
  const bytes = <u32>(at - to) + ADDRESS_BYTES;
  store<u8>(to, load<u8>(option));
  store<u8>(to, <u8>bytes, LENGTH);
  store<u8>(to, <u8>POINTER_MIN, POINTER);
  return bytes;
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
