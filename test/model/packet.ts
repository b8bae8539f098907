/** A packet as the model sees it: fields that can be read, and a way to write it anew with every checksum computed. */

import { concat, uint16 } from "../support/bytes.ts";
import { internetChecksum } from "../support/checksum.ts";
import { hex } from "../support/decode.ts";

/** Addresses are hexadecimal digits: equal when equal, and in order. */
export interface ModelPacket {
  readonly family: 4 | 6;
  readonly src: string;
  readonly dst: string;
  readonly ttl: number;
  readonly protocol: number;
  /** Ports; of an echo the identifier, and type and code. */
  readonly srcPort: number;
  readonly dstPort: number;
  readonly bytes: Uint8Array;
  readonly headerBytes: number;
}

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMP6 = 58;

/** Where each protocol keeps its checksum. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { [ICMP]: 2, [TCP]: 16, [UDP]: 6, [ICMP6]: 2 };
const LEAST_BYTES: Readonly<Record<number, number>> = { [ICMP]: 8, [TCP]: 20, [UDP]: 8, [ICMP6]: 8 };

/** The packet in these bytes, padding cut; undefined when Linux would not even look at it (ip_rcv, ip6_rcv). */
export function parse(bytes: Uint8Array): ModelPacket | undefined {
  return (bytes[0] ?? 0) >> 4 === 6 ? parse6(bytes) : parse4(bytes);
}

/** Whether the transport header is whole and its checksum right; UDP's may be absent. */
export function isSound(packet: ModelPacket): boolean {
  const transport = packet.bytes.subarray(packet.headerBytes);
  const least = LEAST_BYTES[packet.protocol];
  if (least === undefined) return true;
  if (transport.length < least) return false;
  if (packet.protocol === UDP) {
    if (word(transport, 4) !== transport.length) return false;
    if (word(transport, 6) === 0) return true;
  }
  return internetChecksum(concat(pseudoHeader(packet), transport)) === 0;
}

/** The packet with other addresses, ports or TTL, its checksums computed anew. A UDP checksum that is absent stays so. */
export function rewritten(
  packet: ModelPacket,
  change: Partial<Pick<ModelPacket, "src" | "dst" | "srcPort" | "dstPort" | "ttl">>,
): ModelPacket {
  const bytes = packet.bytes.slice();
  const { src = packet.src, dst = packet.dst, ttl = packet.ttl } = change;
  bytes.set(unhex(src), packet.family === 4 ? 12 : 8);
  bytes.set(unhex(dst), packet.family === 4 ? 16 : 24);
  bytes[packet.family === 4 ? 8 : 7] = ttl;
  if (packet.family === 4) fill(bytes, 10, internetChecksum(blank(bytes.subarray(0, packet.headerBytes), 10)));
  const transport = bytes.subarray(packet.headerBytes);
  if (packet.protocol === ICMP || packet.protocol === ICMP6) fill(transport, 4, change.srcPort ?? packet.srcPort);
  else if (packet.protocol in CHECKSUM_AT) {
    fill(transport, 0, change.srcPort ?? packet.srcPort);
    fill(transport, 2, change.dstPort ?? packet.dstPort);
  }
  const moved = parse(bytes)!;
  const isTranslated = Object.keys(change).some((field) => field !== "ttl");
  if (isTranslated) fillTransportChecksum(moved);
  return moved;
}

/** Writes the transport checksum of a packet that has one. */
export function fillTransportChecksum(packet: ModelPacket): void {
  const at = CHECKSUM_AT[packet.protocol];
  const transport = packet.bytes.subarray(packet.headerBytes);
  if (at === undefined || (packet.protocol === UDP && word(transport, at) === 0)) return;
  const sum = internetChecksum(concat(pseudoHeader(packet), blank(transport, at)));
  fill(transport, at, packet.protocol === UDP && sum === 0 ? 0xffff : sum);
}

export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function unhex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function parse4(bytes: Uint8Array): ModelPacket | undefined {
  const headerBytes = (bytes[0]! & 15) * 4;
  const total = word(bytes, 2);
  if (bytes.length < 20 || bytes[0]! >> 4 !== 4 || headerBytes < 20) return undefined;
  if (total < headerBytes || total > bytes.length) return undefined;
  if (internetChecksum(bytes.subarray(0, headerBytes)) !== 0) return undefined;
  const addresses = { src: hex(bytes.subarray(12, 16)), dst: hex(bytes.subarray(16, 20)) };
  return withPorts({
    family: 4,
    ...addresses,
    ttl: bytes[8]!,
    protocol: bytes[9]!,
    bytes: bytes.slice(0, total),
    headerBytes,
  });
}

function parse6(bytes: Uint8Array): ModelPacket | undefined {
  const total = 40 + word(bytes, 4);
  if (bytes.length < 40 || total > bytes.length) return undefined;
  const addresses = { src: hex(bytes.subarray(8, 24)), dst: hex(bytes.subarray(24, 40)) };
  return withPorts({
    family: 6,
    ...addresses,
    ttl: bytes[7]!,
    protocol: bytes[6]!,
    bytes: bytes.slice(0, total),
    headerBytes: 40,
  });
}

function withPorts(packet: Omit<ModelPacket, "srcPort" | "dstPort">): ModelPacket {
  const transport = packet.bytes.subarray(packet.headerBytes);
  if (packet.protocol === ICMP || packet.protocol === ICMP6) {
    return { ...packet, srcPort: word(transport, 4), dstPort: word(transport, 0) };
  }
  return { ...packet, srcPort: word(transport, 0), dstPort: word(transport, 2) };
}

/** RFC 9293 and RFC 8200: what a transport checksum covers besides the transport. ICMPv4's covers nothing else. */
function pseudoHeader(packet: ModelPacket): Uint8Array {
  if (packet.protocol === ICMP) return new Uint8Array(0);
  const bytes = packet.bytes.length - packet.headerBytes;
  const addresses = concat(unhex(packet.src), unhex(packet.dst));
  return packet.family === 4
    ? concat(addresses, [0, packet.protocol], uint16(bytes))
    : concat(addresses, [0, 0], uint16(bytes), [0, 0, 0, packet.protocol]);
}

function fill(bytes: Uint8Array, at: number, value: number): void {
  if (at + 2 <= bytes.length) bytes.set(uint16(value), at);
}

function blank(bytes: Uint8Array, at: number): Uint8Array {
  const blanked = bytes.slice();
  fill(blanked, at, 0);
  return blanked;
}
