/** IP packets from their parts, every checksum right: what conversations are made of. */

import { ICMP, ICMP6, SCTP, TCP, UDP } from "../../assembly/layout/protocol.ts";
import { addressOf } from "../network/address.ts";
import { crc32c, foldedChecksum, sumWords } from "./checksum.ts";

/** Who sends a packet to whom. Ports are in host order. */
export interface Ends {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

/** What stands behind the IP header, but for its ports: they are the first four bytes of all protocols that have any. */
export interface Transport {
  readonly protocol: number;
  readonly bytes: Uint8Array;
}

const IP4_HEADER_BYTES = 20;
const IP6_HEADER_BYTES = 40;
const IP4_VERSION = 0x45;
const IP6_VERSION = 0x60;
const DONT_FRAGMENT = 0x40;
const HOPS = 64;
/** Where each protocol has its checksum. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { [TCP]: 16, [UDP]: 6, [SCTP]: 8, [ICMP]: 2, [ICMP6]: 2 };
const PORTLESS: ReadonlySet<number> = new Set([ICMP, ICMP6]);

/** `id` is IPv4's identification. The transport's bytes are written into a packet of their own. */
export function makePacket(ends: Ends, transport: Transport, id: number): Uint8Array {
  const src = addressOf(ends.src);
  const dst = addressOf(ends.dst);
  const { protocol, bytes } = transport;
  const headerBytes = src.length === 4 ? IP4_HEADER_BYTES : IP6_HEADER_BYTES;
  const packet = new Uint8Array(headerBytes + bytes.length);
  const view = new DataView(packet.buffer);
  packet.set(bytes, headerBytes);
  if (!PORTLESS.has(protocol)) {
    view.setUint16(headerBytes, ends.sport);
    view.setUint16(headerBytes + 2, ends.dport);
  }
  fillChecksum(packet.subarray(headerBytes), protocol, sumWords(src) + sumWords(dst) + protocol + bytes.length);
  if (src.length === 4) writeIp4Header(packet, view, protocol, id);
  else writeIp6Header(packet, view, protocol);
  packet.set(src, headerBytes - 2 * src.length);
  packet.set(dst, headerBytes - dst.length);
  if (src.length === 4) view.setUint16(10, foldedChecksum(sumWords(packet.subarray(0, headerBytes))));
  return packet;
}

function writeIp4Header(packet: Uint8Array, view: DataView, protocol: number, id: number): void {
  packet[0] = IP4_VERSION;
  view.setUint16(2, packet.length);
  view.setUint16(4, id & 0xffff);
  packet[6] = DONT_FRAGMENT;
  packet[8] = HOPS;
  packet[9] = protocol;
}

function writeIp6Header(packet: Uint8Array, view: DataView, protocol: number): void {
  packet[0] = IP6_VERSION;
  view.setUint16(4, packet.length - IP6_HEADER_BYTES);
  packet[6] = protocol;
  packet[7] = HOPS;
}

/** `pseudo` is the sum of the pseudo header, which SCTP and ICMP have none of. A UDP checksum of zero is sent as its other zero. */
function fillChecksum(body: Uint8Array, protocol: number, pseudo: number): void {
  const at = CHECKSUM_AT[protocol];
  if (at === undefined) return;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  if (protocol === SCTP) view.setUint32(at, crc32c(body), true);
  else if (protocol === ICMP) view.setUint16(at, foldedChecksum(sumWords(body)));
  else view.setUint16(at, foldedChecksum(sumWords(body, pseudo)) || (protocol === UDP ? 0xffff : 0));
}
