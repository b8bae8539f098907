/** Packets that the node itself makes, from RFC 792, RFC 1812, RFC 4443 and RFC 9293, with what Linux adds to them. */

import { concat, uint16, uint32 } from "../support/bytes.ts";
import { internetChecksum } from "../support/checksum.ts";
import { isError } from "./errors.ts";
import { fillTransportChecksum, ICMP, ICMP6, type ModelPacket, parse, TCP, unhex } from "./packet.ts";

/** Longest ICMP errors, with their IP header (RFC 1812 4.3.2.3, RFC 4443 2.4). */
const ERROR_BYTES_MAX = { 4: 576, 6: 1280 } as const;
const TTL = 64;
const DONT_FRAGMENT = 0x4000;
/** Internetwork control: the precedence of ICMP errors; the sender's other bits but the lowest stay. */
const ERROR_TOS = 0xc0;
const ERROR_TOS_KEPT = 0x1e;
const SYN = 2;
const FIN = 1;
const RST = 4;
const ACK = 16;
const ECHO = { [ICMP]: [8, 0], [ICMP6]: [128, 129] } as const;

/** An error about a packet, to its sender. No errors about errors. */
export function icmpError(
  about: ModelPacket,
  [type, code]: readonly [number, number],
  src: string,
): ModelPacket | undefined {
  if (isError(about)) return undefined;
  const headerBytes = (about.family === 4 ? 20 : 40) + 8;
  const quote = about.bytes.subarray(0, ERROR_BYTES_MAX[about.family] - headerBytes);
  const message = concat([type, code, 0, 0], uint32(0), quote);
  const tos = about.family === 4 ? (about.bytes[1]! & ERROR_TOS_KEPT) | ERROR_TOS : 0;
  return make(about, { src, protocol: about.family === 4 ? ICMP : ICMP6, tos, fragment: 0 }, message);
}

/** What a closed TCP port says (RFC 9293 3.10.7.1). Nothing to a reset. */
export function resetFor(packet: ModelPacket): ModelPacket | undefined {
  const header = packet.bytes.subarray(packet.headerBytes);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const flags = header[13]!;
  if (flags & RST) return undefined;
  const length = header.length - (header[12]! >> 4) * 4 + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
  const [seq, ack, answer] =
    flags & ACK ? [view.getUint32(8), 0, RST] : [0, (view.getUint32(4) + length) >>> 0, RST | ACK];
  const segment = concat(uint16(packet.dstPort), uint16(packet.srcPort), uint32(seq), uint32(ack), [
    5 << 4,
    answer,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const tos = trafficClass(packet) & ~3;
  return make(packet, { src: packet.dst, protocol: TCP, tos, fragment: DONT_FRAGMENT }, segment);
}

/** The same message back; nothing to what is no echo request. */
export function echoReply(packet: ModelPacket): ModelPacket | undefined {
  const [request, reply] = ECHO[packet.protocol as typeof ICMP];
  const message = packet.bytes.slice(packet.headerBytes);
  if (message[0] !== request) return undefined;
  message[0] = reply;
  return make(packet, { src: packet.dst, protocol: packet.protocol, tos: trafficClass(packet), fragment: 0 }, message);
}

function trafficClass(packet: ModelPacket): number {
  return packet.family === 4 ? packet.bytes[1]! : ((packet.bytes[0]! & 15) << 4) | (packet.bytes[1]! >> 4);
}

function make(
  about: ModelPacket,
  header: { src: string; protocol: number; tos: number; fragment: number },
  payload: Uint8Array,
): ModelPacket {
  const packet = parse(about.family === 4 ? make4(about, header, payload) : make6(about, header, payload))!;
  fillTransportChecksum(packet);
  return packet;
}

function make4(
  about: ModelPacket,
  { src, protocol, tos, fragment }: Parameters<typeof make>[1],
  payload: Uint8Array,
): Uint8Array {
  const addresses = concat(unhex(src), unhex(about.src));
  const header = concat(
    [0x45, tos],
    uint16(20 + payload.length),
    uint16(0),
    uint16(fragment),
    [TTL, protocol, 0, 0],
    addresses,
  );
  header.set(uint16(internetChecksum(header)), 10);
  return concat(header, payload);
}

function make6(
  about: ModelPacket,
  { src, protocol, tos }: Parameters<typeof make>[1],
  payload: Uint8Array,
): Uint8Array {
  const first = uint32(((6 << 28) | (tos << 20)) >>> 0);
  return concat(first, uint16(payload.length), [protocol, TTL], unhex(src), unhex(about.src), payload);
}
