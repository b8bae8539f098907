/**
 * IPv4 options of packets that arrived (ip_options_compile() and ip_forward_options() of Linux): checked behind routing,
 * where a bad one is reported to the sender. Records of the route hold the address that the node would answer from,
 * until the packet goes on and they get the one by which it leaves.
 */

import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { srcAddress } from "../answer/header";
import { errorSource } from "../answer/source";
import { Packet, finish } from "../packet";
import { addressType } from "../route/type";
import { sealIp } from "../segment/seal";
import { answerError } from "./answers";

const END: u32 = 0;
const NOP: u32 = 1;
const RECORD_ROUTE: u32 = 7;
const TIMESTAMP: u32 = 68;
const LOOSE_SOURCE_ROUTE: u32 = 131;
const CIPSO: u32 = 134;
const STRICT_SOURCE_ROUTE: u32 = 137;
const ROUTER_ALERT: u32 = 148;

/** Fields of an option: its type, its length, and of records the pointer (from 1) to the next free place. */
const LENGTH: u32 = 1;
const POINTER: u32 = 2;
const TIMESTAMP_MODE: u32 = 3;
const RECORD_POINTER_MIN: u32 = 4;
const TIMESTAMP_POINTER_MIN: u32 = 5;
/** TIMESTAMP_MODE, low half: times only; addresses and times; times at given addresses. High half: how many did not fit. */
const MODE_TIMES: u32 = 0;
const MODE_ADDRESSES: u32 = 1;
const MODE_GIVEN: u32 = 3;
const OVERFLOW_MAX: u32 = 15;
const CIPSO_LENGTH_MIN: u32 = 8;
const CIPSO_DOMAIN: u32 = 2;
const DAY_MILLISECONDS: u64 = 86_400_000;

/** Offsets in the packet of options that were found, or that are still to be filled in; 0: none. */
let route: u32 = 0;
let times: u32 = 0;
let source: u32 = 0;
let routePlace: u32 = 0;
let timesPlace: u32 = 0;
/** Some byte of the header is not as it arrived. */
let isChanged: bool = false;

/** False: the packet has been dropped for its options. Call it when it was tried to find the packet's route. */
export function acceptOptions(packet: Packet): bool {
  if (packet.family == 6 || packet.transport == Wire.IP4_SIZE) return true;
  route = times = source = routePlace = timesPlace = 0;
  isChanged = false;
  const problem = checkOptions(packet);
  if (problem != 0) answerError(packet, Wire.ICMP4_PARAMETER_PROBLEM, 0, problem);
  if (problem == 0 && source == 0) return true;
  finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_IP_OPTIONS);
  return false;
}

/**
 * Records the address by which a forwarded packet leaves; acceptOptions() has left the places for it. Only now the
 * header's checksum is made right again, so that what was quoted meanwhile has the old one, as in Linux; where nothing
 * has changed it stays as it is, wrong or right.
 */
export function fillOptions(packet: Packet): void {
  if (packet.family == 6 || packet.transport == Wire.IP4_SIZE) return;
  const address = load<u32>(packet.route, Program.ROUTE_SOURCE);
  if (routePlace != 0) store<u32>(packet.address + routePlace, address);
  if (timesPlace != 0) store<u32>(packet.address + timesPlace, address);
  if (isChanged) sealIp(packet);
}

/** Offset of the byte that is wrong, or 0. */
function checkOptions(packet: Packet): u32 {
  let at: u32 = Wire.IP4_SIZE;
  const end = packet.transport;
  while (at < end) {
    const option = packet.address + at;
    const type: u32 = load<u8>(option);
    if (type == END) {
      clearRest(packet, at + 1);
      return 0;
    }
    if (type == NOP) {
      at++;
      continue;
    }
    if (end - at < 2) return at;
    const length: u32 = load<u8>(option, LENGTH);
    if (length < 2 || length > end - at) return at;
    const problem = checkOption(packet, at, type, length);
    if (problem != 0) return problem;
    at += length;
  }
  return 0;
}

/** Behind the end of the options stand zeros. */
function clearRest(packet: Packet, from: u32): void {
  for (let at = from; at < packet.transport; at++) {
    if (load<u8>(packet.address + at) == END) continue;
    store<u8>(packet.address + at, <u8>END);
    isChanged = true;
  }
}

function checkOption(packet: Packet, at: u32, type: u32, length: u32): u32 {
  if (type == RECORD_ROUTE) return checkRoute(packet, at, length);
  if (type == TIMESTAMP) return checkTimes(packet, at, length);
  if (type == LOOSE_SOURCE_ROUTE || type == STRICT_SOURCE_ROUTE) return checkSource(packet, at, length);
  if (type == ROUTER_ALERT) return length < 4 ? at + LENGTH : 0;
  // No domain of interpretation is configured, so no security label is known (cipso_v4_validate).
  if (type == CIPSO) return length < CIPSO_LENGTH_MIN ? at + LENGTH : at + CIPSO_DOMAIN;
  return 0;
}

function checkSource(packet: Packet, at: u32, length: u32): u32 {
  if (length < 3) return at + LENGTH;
  if (load<u8>(packet.address + at, POINTER) < RECORD_POINTER_MIN) return at + POINTER;
  if (source != 0) return at;
  source = at;
  return 0;
}

function checkRoute(packet: Packet, at: u32, length: u32): u32 {
  if (route != 0) return at;
  if (length < 3) return at + LENGTH;
  const option = packet.address + at;
  const pointer: u32 = load<u8>(option, POINTER);
  if (pointer < RECORD_POINTER_MIN) return at + POINTER;
  route = at;
  if (pointer > length) return 0;
  if (pointer + 3 > length) return at + POINTER;
  routePlace = at + pointer - 1;
  recordOwnAddress(packet, routePlace);
  store<u8>(option, <u8>(pointer + 4), POINTER);
  isChanged = true;
  return 0;
}

function checkTimes(packet: Packet, at: u32, length: u32): u32 {
  if (times != 0) return at;
  if (length < 4) return at + LENGTH;
  const option = packet.address + at;
  const pointer: u32 = load<u8>(option, POINTER);
  if (pointer < TIMESTAMP_POINTER_MIN) return at + POINTER;
  times = at;
  const mode: u32 = load<u8>(option, TIMESTAMP_MODE) & 15;
  if (pointer > length) return mode == MODE_GIVEN ? 0 : countOverflow(option, at);
  const recordBytes: u32 = mode == MODE_TIMES ? 4 : 8;
  if (pointer + 3 > length) return at + POINTER;
  if (mode != MODE_TIMES && mode != MODE_ADDRESSES && mode != MODE_GIVEN) return 0;
  if (pointer + recordBytes - 1 > length) return at + POINTER;
  const record = at + pointer - 1;
  // Somebody else's place in a list of given addresses is left alone.
  if (mode == MODE_GIVEN && addressType(4, packet.address + record) == Program.ROUTE_UNICAST) return 0;
  store<u8>(option, <u8>(pointer + recordBytes), POINTER);
  if (mode == MODE_ADDRESSES) {
    timesPlace = record;
    recordOwnAddress(packet, record);
  }
  isChanged = true;
  store<u32>(packet.address + record + recordBytes - 4, bswap<u32>(<u32>((packet.time / 1_000_000) % DAY_MILLISECONDS)));
  return 0;
}

/** fib_compute_spec_dst(). Where no route leads back to the sender, it will not see the record either. */
function recordOwnAddress(packet: Packet, place: u32): void {
  const own = errorSource(packet, srcAddress(packet));
  if (own != 0) store<u32>(packet.address + place, load<u32>(own));
}

function countOverflow(option: usize, at: u32): u32 {
  const mode: u32 = load<u8>(option, TIMESTAMP_MODE);
  if (mode >> 4 == OVERFLOW_MAX) return at + TIMESTAMP_MODE;
  store<u8>(option, <u8>(mode + 16), TIMESTAMP_MODE);
  isChanged = true;
  return 0;
}
