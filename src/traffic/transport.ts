/** TCP segments, UDP datagrams and SCTP packets, without ports and checksums: makePacket() fills both in. */

import { SCTP, TCP, UDP } from "../../assembly/layout/protocol.ts";
import type { Transport } from "./packet.ts";

export const FIN = 0x01;
export const SYN = 0x02;
export const PSH = 0x08;
export const ACK = 0x10;

const TCP_HEADER_BYTES = 20;
const TCP_WINDOW = 64240;
const UDP_HEADER_BYTES = 8;
const SCTP_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 4;
const NOTHING = new Uint8Array(0);

export interface TcpFields {
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
}

export interface Chunk {
  readonly type: number;
  readonly flags?: number;
  readonly value?: Uint8Array;
}

export function tcpSegment({ flags, seq, ack }: TcpFields, data: Uint8Array = NOTHING): Transport {
  const bytes = new Uint8Array(TCP_HEADER_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, seq);
  view.setUint32(8, ack);
  bytes[12] = (TCP_HEADER_BYTES / 4) << 4;
  bytes[13] = flags;
  view.setUint16(14, TCP_WINDOW);
  bytes.set(data, TCP_HEADER_BYTES);
  return { protocol: TCP, bytes };
}

export function udpDatagram(data: Uint8Array): Transport {
  const bytes = new Uint8Array(UDP_HEADER_BYTES + data.length);
  new DataView(bytes.buffer).setUint16(4, bytes.length);
  bytes.set(data, UDP_HEADER_BYTES);
  return { protocol: UDP, bytes };
}

/** Chunks follow one another, each padded to whole words, which its length does not count (RFC 9260, section 3.2). */
export function sctpPacket(tag: number, ...chunks: readonly Chunk[]): Transport {
  const sizes = chunks.map(({ value = NOTHING }) => CHUNK_HEADER_BYTES + ((value.length + 3) & ~3));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, SCTP_HEADER_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, tag);
  let at = SCTP_HEADER_BYTES;
  for (const [index, { type, flags = 0, value = NOTHING }] of chunks.entries()) {
    bytes[at] = type;
    bytes[at + 1] = flags;
    view.setUint16(at + 2, CHUNK_HEADER_BYTES + value.length);
    bytes.set(value, at + CHUNK_HEADER_BYTES);
    at += sizes[index] ?? 0;
  }
  return { protocol: SCTP, bytes };
}
