/** Cuts packets into fragments, for tests: at any multiple of eight bytes, and at wrong places too when asked. */

import { concat, uint16, uint32 } from "./bytes.ts";
import { internetChecksum } from "./checksum.ts";

const IP4_HEADER_BYTES = 20;
const IP6_HEADER_BYTES = 40;
const FRAGMENT_HEADER = 44;

/** A stretch of a packet's payload. */
export interface Piece {
  readonly offset: number;
  readonly bytes: number;
}

/** Consecutive pieces of `bytes` each, the last one shorter. */
export function evenPieces(total: number, bytes: number): Piece[] {
  const count = Math.ceil(total / bytes);
  return Array.from({ length: count }, (_, i) => ({ offset: i * bytes, bytes: Math.min(bytes, total - i * bytes) }));
}

/** The fragments of an IPv4 packet without options, or of an IPv6 packet without extension headers. */
export function fragments(packet: Uint8Array, pieces: readonly Piece[], id: number): Uint8Array[] {
  return pieces.map((piece) => (packet[0]! >> 4 === 4 ? fragment4(packet, piece, id) : fragment6(packet, piece, id)));
}

function fragment4(packet: Uint8Array, piece: Piece, id: number): Uint8Array {
  const payload = packet.subarray(IP4_HEADER_BYTES);
  const data = payload.subarray(piece.offset, piece.offset + piece.bytes);
  const fragment = concat(packet.subarray(0, IP4_HEADER_BYTES), data);
  const more = piece.offset + piece.bytes < payload.length ? 0x2000 : 0;
  fragment.set(uint16(fragment.length), 2);
  fragment.set(uint16(id), 4);
  fragment.set(uint16(more | (piece.offset >> 3)), 6);
  fragment.set([0, 0], 10);
  fragment.set(uint16(internetChecksum(fragment.subarray(0, IP4_HEADER_BYTES))), 10);
  return fragment;
}

function fragment6(packet: Uint8Array, piece: Piece, id: number): Uint8Array {
  const payload = packet.subarray(IP6_HEADER_BYTES);
  const data = payload.subarray(piece.offset, piece.offset + piece.bytes);
  const more = piece.offset + piece.bytes < payload.length ? 1 : 0;
  const header = concat([packet[6]!, 0], uint16(piece.offset | more), uint32(id));
  const fragment = concat(packet.subarray(0, IP6_HEADER_BYTES), header, data);
  fragment.set(uint16(header.length + data.length), 4);
  fragment[6] = FRAGMENT_HEADER;
  return fragment;
}
