/**
 * The IPv6 hop-by-hop options header, the only extension header that ipv6_rcv() reads before the hooks
 * (ipv6_parse_hopopts() of net/ipv6/exthdrs.c). Every option is type, length, value; type 0 is one byte of padding.
 */

import * as Wire from "../layout/wire";
import { Packet } from "../packet";

/** Nothing wrong; drop without a word; else HOP_PROBLEM | code << 16 | pointer of a Parameter Problem to be sent. */
export const HOP_FINE: u32 = 0;
export const HOP_DROP: u32 = 1;
export const HOP_PROBLEM: u32 = 1 << 31;

const OPTION_PAD1: u32 = 0;
const OPTION_PADN: u32 = 1;
const OPTION_ROUTER_ALERT: u32 = 5;
const OPTION_CALIPSO: u32 = 7;
const OPTION_IOAM: u32 = 0x31;
const OPTION_JUMBO: u32 = 0xc2;
/** max_hbh_opts_number. */
const OPTIONS_MAX: u32 = 8;
/** More padding in a row than needed to align a header. */
const PADDING_MAX: u32 = 7;
/** Codes of Parameter Problem. */
const CODE_HEADER_FIELD: u32 = 0;
const CODE_UNKNOWN_OPTION: u32 = 2;
/** A jumbogram is longer than this (RFC 2675). */
const PAYLOAD_MAX: u32 = 65535;

/** Checks the options of a packet whose first next-header field says hop-by-hop. */
export function checkHopByHop(packet: Packet): u32 {
  const base = packet.address;
  let at: u32 = Wire.IP6_SIZE;
  if (packet.bytes < at + Wire.EXTENSION_SIZE) return HOP_DROP;
  const end = at + ((<u32>load<u8>(base + at, Wire.EXTENSION_LENGTH) + 1) << 3);
  if (end > packet.bytes) return HOP_DROP;
  at += 2;
  let padding: u32 = 0;
  let options: u32 = 0;
  while (at < end) {
    const type = <u32>load<u8>(base + at);
    if (type == OPTION_PAD1) {
      if (++padding > PADDING_MAX) return HOP_DROP;
      at++;
      continue;
    }
    if (end - at < 2) return HOP_DROP;
    const bytes = <u32>load<u8>(base + at, 1) + 2;
    if (bytes > end - at) return HOP_DROP;
    if (type == OPTION_PADN) {
      padding += bytes;
      if (padding > PADDING_MAX || !isZero(base + at + 2, bytes - 2)) return HOP_DROP;
    } else {
      if (++options > OPTIONS_MAX) return HOP_DROP;
      const outcome = checkOption(packet, at, type, bytes);
      if (outcome != HOP_FINE) return outcome;
      padding = 0;
    }
    at += bytes;
  }
  return HOP_FINE;
}

/** Payload length of a jumbogram whose options are fine; 0: it is none. */
export function jumboBytes(packet: Packet): u32 {
  const base = packet.address;
  let at: u32 = Wire.IP6_SIZE + 2;
  const end = Wire.IP6_SIZE + ((<u32>load<u8>(base + Wire.IP6_SIZE, Wire.EXTENSION_LENGTH) + 1) << 3);
  while (at < end) {
    const type = <u32>load<u8>(base + at);
    if (type == OPTION_JUMBO) return bswap<u32>(load<u32>(base + at, 2));
    at += type == OPTION_PAD1 ? 1 : <u32>load<u8>(base + at, 1) + 2;
  }
  return 0;
}

function checkOption(packet: Packet, at: u32, type: u32, bytes: u32): u32 {
  if (type == OPTION_ROUTER_ALERT) return bytes == 4 ? HOP_FINE : HOP_DROP;
  if (type == OPTION_JUMBO) return checkJumbo(packet, at, bytes);
  if (type == OPTION_IOAM) return HOP_FINE;
  if (type == OPTION_CALIPSO) return HOP_DROP;
  // RFC 8200 4.2: the two highest bits say what to do with an option that is not known.
  const action = type >> 6;
  if (action == 0) return HOP_FINE;
  if (action == 1) return HOP_DROP;
  if (action == 3 && load<u8>(packet.address, Wire.IP6_DST) == 0xff) return HOP_DROP;
  return problem(CODE_UNKNOWN_OPTION, at);
}

function checkJumbo(packet: Packet, at: u32, bytes: u32): u32 {
  if (bytes != 6 || (at & 3) != 2) return HOP_DROP;
  const payload = bswap<u32>(load<u32>(packet.address + at, 2));
  if (payload <= PAYLOAD_MAX) return problem(CODE_HEADER_FIELD, at + 2);
  if (load<u16>(packet.address, Wire.IP6_PAYLOAD_LENGTH) != 0) return problem(CODE_HEADER_FIELD, at);
  return payload <= packet.bytes - Wire.IP6_SIZE ? HOP_FINE : HOP_DROP;
}

function problem(code: u32, pointer: u32): u32 {
  return HOP_PROBLEM | (code << 16) | pointer;
}

export function isZero(address: usize, bytes: u32): bool {
  for (let at: u32 = 0; at < bytes; at++) {
    if (load<u8>(address + at) != 0) return false;
  }
  return true;
}
