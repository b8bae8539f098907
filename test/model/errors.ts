/** ICMP errors: what they quote, and what becomes of them when the connection that they are about is translated. */

import { uint16 } from "../support/bytes.ts";
import { internetChecksum } from "../support/checksum.ts";
import { hex } from "../support/decode.ts";
import type { Connection, Direction, Tuple } from "./connections.ts";
import { fillTransportChecksum, ICMP, ICMP6, type ModelPacket, TCP, UDP, unhex, word } from "./packet.ts";

const ERRORS_4: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const FIRST_INFORMATIONAL_6 = 128;
const ICMP_HEADER_BYTES = 8;
const ECHO_TYPES: ReadonlySet<number> = new Set([0, 8, 128, 129]);

/** The tuple of the packet that an ICMP error quotes; undefined when this is no error. */
export function quotedTuple(packet: ModelPacket): Tuple | undefined {
  if (!isError(packet)) return undefined;
  const quote = packet.bytes.subarray(packet.headerBytes + ICMP_HEADER_BYTES);
  const [from, to, length] = packet.family === 4 ? [12, 16, 4] : [8, 24, 16];
  const header = headerBytesOf(packet, quote);
  const protocol = quote[packet.family === 4 ? 9 : 6] ?? 0;
  const isEcho = protocol === ICMP || protocol === ICMP6;
  return {
    protocol,
    src: hex(quote.subarray(from, from + length)),
    dst: hex(quote.subarray(to, to + length)),
    srcPort: word(quote, header + (isEcho ? 4 : 0)),
    dstPort: word(quote, header + (isEcho ? 0 : 2)),
  };
}

export function isError(packet: ModelPacket): boolean {
  const type = packet.bytes[packet.headerBytes] ?? 0;
  if (packet.protocol === ICMP) return ERRORS_4.has(type);
  return packet.protocol === ICMP6 && type < FIRST_INFORMATIONAL_6;
}

/**
 * An error that goes in `direction`, with its quote as its receiver had sent it: like a packet of the other direction
 * before translation. Checksums in the quote are carried over, for the quote may be cut: a wrong one stays wrong.
 */
export function withQuote(packet: ModelPacket, connection: Connection, direction: Direction): ModelPacket {
  const as = connection[direction === "original" ? "reply" : "original"];
  const bytes = packet.bytes.slice();
  const quote = bytes.subarray(packet.headerBytes + ICMP_HEADER_BYTES);
  const before = quote.slice();
  const header = headerBytesOf(packet, quote);
  quote.set(unhex(as.src), packet.family === 4 ? 12 : 8);
  quote.set(unhex(as.dst), packet.family === 4 ? 16 : 24);
  const isEcho = ECHO_TYPES.has(quote[header] ?? 255) && (as.protocol === ICMP || as.protocol === ICMP6);
  if (isEcho) putWord(quote, header + 4, as.srcPort);
  else putPorts(quote, header, as);
  if (packet.family === 4) carryOver(quote, before, 10, [[0, header]]);
  const checksumAt = { [TCP]: 16, [UDP]: 6, [ICMP]: 2, [ICMP6]: 2 }[as.protocol];
  if (checksumAt !== undefined && !(as.protocol === UDP && word(before, header + 6) === 0)) {
    const addresses = as.protocol === ICMP ? [] : [packet.family === 4 ? ([12, 20] as const) : ([8, 40] as const)];
    carryOver(quote, before, header + checksumAt, [...addresses, [header, header + 8]]);
  }
  const changed = { ...packet, bytes };
  fillTransportChecksum(changed);
  return changed;
}

/** RFC 1624: the checksum at `at` after the bytes of `ranges` have changed. Nothing when it is cut off. */
function carryOver(
  after: Uint8Array,
  before: Uint8Array,
  at: number,
  ranges: readonly (readonly [number, number])[],
): void {
  if (at + 2 > after.length) return;
  let sum = ~word(before, at) & 0xffff;
  for (const [from, to] of ranges) {
    const [old, now] = [before.slice(from, to), after.slice(from, to)];
    for (const copy of [old, now]) if (at >= from && at < to) copy.set([0, 0], at - from);
    sum += internetChecksum(old) + (~internetChecksum(now) & 0xffff);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  putWord(after, at, ~sum & 0xffff);
}

function putPorts(quote: Uint8Array, header: number, as: Tuple): void {
  if (as.protocol !== TCP && as.protocol !== UDP) return;
  putWord(quote, header, as.srcPort);
  putWord(quote, header + 2, as.dstPort);
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  if (at + 2 <= bytes.length) bytes.set(uint16(value), at);
}

function headerBytesOf(packet: ModelPacket, quote: Uint8Array): number {
  return packet.family === 4 ? ((quote[0] ?? 0) & 15) * 4 : 40;
}
