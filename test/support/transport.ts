/** Transport headers from fields, for tests: TCP, UDP, ICMP, ICMPv6, SCTP, and anything else as raw bytes. */

import { concat, uint16, uint32 } from "./bytes.ts";
import type { Payload } from "./packet.ts";

export interface TcpFields {
  readonly src: number;
  readonly dst: number;
  readonly seq?: number;
  readonly ack?: number;
  /** tcpdump's letters: "S", "SA", "PA", "F", "R" … */
  readonly flags: string;
  readonly window?: number;
  readonly options?: Uint8Array;
}

/** An SCTP chunk: its type, flags and value. */
export interface Chunk {
  readonly type: number;
  readonly flags?: number;
  readonly value?: Uint8Array;
}

const TCP_FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, W: 128 };
const TCP_HEADER_BYTES = 20;

export function tcp(fields: TcpFields, data: Uint8Array = new Uint8Array(0)): Payload {
  const options = fields.options ?? new Uint8Array(0);
  const flags = [...fields.flags].reduce((bits, letter) => bits | TCP_FLAGS[letter]!, 0);
  const header = concat(
    uint16(fields.src),
    uint16(fields.dst),
    uint32(fields.seq ?? 0),
    uint32(fields.ack ?? 0),
    [((TCP_HEADER_BYTES + options.length) / 4) << 4, flags],
    uint16(fields.window ?? 64240),
    [0, 0, 0, 0],
    options,
  );
  return { protocol: 6, bytes: concat(header, data), checksum: { offset: 16, kind: "pseudo" } };
}

/** Without a checksum (`checksum: false`) the field is zero, which IPv4 allows. */
export function udp(
  fields: { readonly src: number; readonly dst: number; readonly length?: number; readonly checksum?: boolean },
  data: Uint8Array = new Uint8Array(0),
): Payload {
  const bytes = concat(uint16(fields.src), uint16(fields.dst), uint16(fields.length ?? 8 + data.length), [0, 0], data);
  return fields.checksum === false
    ? { protocol: 17, bytes }
    : { protocol: 17, bytes, checksum: { offset: 6, kind: "pseudo" } };
}

/** `rest` is the second word: identifier and sequence number, pointer, MTU. */
export function icmp4(type: number, code: number, rest: number, data: Uint8Array = new Uint8Array(0)): Payload {
  return { protocol: 1, bytes: concat([type, code, 0, 0], uint32(rest), data), checksum: { offset: 2, kind: "plain" } };
}

export function icmp6(type: number, code: number, rest: number, data: Uint8Array = new Uint8Array(0)): Payload {
  return {
    protocol: 58,
    bytes: concat([type, code, 0, 0], uint32(rest), data),
    checksum: { offset: 2, kind: "pseudo" },
  };
}

export function sctp(
  fields: { readonly src: number; readonly dst: number; readonly tag: number },
  ...chunks: readonly Chunk[]
): Payload {
  const header = concat(uint16(fields.src), uint16(fields.dst), uint32(fields.tag), uint32(0));
  return { protocol: 132, bytes: concat(header, ...chunks.map(chunkBytes)), checksum: { offset: 8, kind: "crc32c" } };
}

export function raw(protocol: number, bytes: Uint8Array): Payload {
  return { protocol, bytes };
}

function chunkBytes(chunk: Chunk): Uint8Array {
  const value = chunk.value ?? new Uint8Array(0);
  const padding = new Uint8Array(-value.length & 3);
  return concat([chunk.type, chunk.flags ?? 0], uint16(4 + value.length), value, padding);
}
