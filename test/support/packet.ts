/** Packets from fields, for tests: IPv4 and IPv6 headers around a payload, with every checksum right unless told otherwise. */

import { addressBytes, macBytes } from "./address.ts";
import { concat, uint16, uint32 } from "./bytes.ts";
import { crc32c, internetChecksum } from "./checksum.ts";

/** What stands behind the IP header, and where its checksum goes once the addresses are known, if it is not cut off. */
export interface Payload {
  readonly protocol: number;
  readonly bytes: Uint8Array;
  readonly checksum?: { readonly offset: number; readonly kind: "pseudo" | "plain" | "crc32c" };
}

export interface Ip4Fields {
  readonly src: string;
  readonly dst: string;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly dontFragment?: boolean;
  readonly options?: Uint8Array;
  /** Added to the transport checksum and to the header's: 0 or nothing leaves them right. */
  readonly damage?: number;
  readonly headerDamage?: number;
  /** Written instead of the right one. */
  readonly totalLength?: number;
  readonly version?: number;
  readonly headerWords?: number;
}

export interface Ip6Fields {
  readonly src: string;
  readonly dst: string;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  readonly extensions?: readonly Extension[];
  readonly damage?: number;
  readonly payloadLength?: number;
  readonly version?: number;
}

/** Fields of an IP header but for the addresses; each family takes what it has. */
export type Header = Omit<Ip4Fields, "src" | "dst"> & Omit<Ip6Fields, "src" | "dst">;

/** An IPv6 extension header: its number and its bytes, of which the first (next header) is filled in. */
export interface Extension {
  readonly protocol: number;
  readonly bytes: Uint8Array;
}

const IP4_HEADER_BYTES = 20;
const IP6_HEADER_BYTES = 40;
const UDP = 17;
const DONT_FRAGMENT = 0x4000;

/** A packet of the family that its addresses have. */
export function ip(fields: Ip4Fields | Ip6Fields, payload: Payload): Uint8Array {
  return fields.src.includes(":") ? ip6(fields, payload) : ip4(fields, payload);
}

export function ip4(fields: Ip4Fields, payload: Payload): Uint8Array {
  const options = fields.options ?? new Uint8Array(0);
  const headerBytes = IP4_HEADER_BYTES + options.length;
  const packet = new Uint8Array(headerBytes + payload.bytes.length);
  const view = new DataView(packet.buffer);
  packet[0] = ((fields.version ?? 4) << 4) | (fields.headerWords ?? headerBytes / 4);
  packet[1] = fields.tos ?? 0;
  view.setUint16(2, fields.totalLength ?? packet.length);
  view.setUint16(4, fields.id ?? 0);
  view.setUint16(6, fields.dontFragment ? DONT_FRAGMENT : 0);
  packet[8] = fields.ttl ?? 64;
  packet[9] = payload.protocol;
  packet.set(addressBytes(fields.src), 12);
  packet.set(addressBytes(fields.dst), 16);
  packet.set(options, IP4_HEADER_BYTES);
  packet.set(payload.bytes, headerBytes);
  view.setUint16(10, internetChecksum(packet.subarray(0, headerBytes)) ^ (fields.headerDamage ?? 0));
  const pseudo = concat(packet.subarray(12, 20), [0, payload.protocol], uint16(payload.bytes.length));
  fillChecksum(packet.subarray(headerBytes), payload, pseudo, fields.damage ?? 0);
  return packet;
}

export function ip6(fields: Ip6Fields, payload: Payload): Uint8Array {
  const extensions = fields.extensions ?? [];
  const headers = extensions.map((extension, index) => {
    const next = extensions[index + 1]?.protocol ?? payload.protocol;
    return concat([next], extension.bytes.subarray(1));
  });
  const header = new Uint8Array(IP6_HEADER_BYTES);
  const body = concat(...headers, payload.bytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, ((fields.version ?? 6) << 28) | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0));
  view.setUint16(4, fields.payloadLength ?? body.length);
  header[6] = extensions[0]?.protocol ?? payload.protocol;
  header[7] = fields.hopLimit ?? 64;
  header.set(addressBytes(fields.src), 8);
  header.set(addressBytes(fields.dst), 24);
  const pseudo = concat(header.subarray(8), uint32(payload.bytes.length), [0, 0, 0, payload.protocol]);
  fillChecksum(body.subarray(body.length - payload.bytes.length), payload, pseudo, fields.damage ?? 0);
  return concat(header, body);
}

/** The frame that carries a packet from one link address to another. `padTo` appends zeros as a sender's card does. */
export function frame(srcMac: string, dstMac: string, packet: Uint8Array, padTo = 0): Uint8Array {
  const etherType = packet[0]! >> 4 === 6 ? [0x86, 0xdd] : [0x08, 0x00];
  const bytes = concat(macBytes(dstMac), macBytes(srcMac), etherType, packet);
  return bytes.length >= padTo ? bytes : concat(bytes, new Uint8Array(padTo - bytes.length));
}

function fillChecksum(body: Uint8Array, payload: Payload, pseudo: Uint8Array, damage: number): void {
  if (payload.checksum === undefined) return;
  const { offset, kind } = payload.checksum;
  if (body.length < offset + (kind === "crc32c" ? 4 : 2)) return;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  if (kind === "crc32c") view.setUint32(offset, crc32c(body) ^ damage, true);
  else view.setUint16(offset, internetSum(payload.protocol, kind === "pseudo" ? concat(pseudo, body) : body) ^ damage);
}

/** A UDP checksum that comes out as zero is sent as its other zero (RFC 768). */
function internetSum(protocol: number, bytes: Uint8Array): number {
  const sum = internetChecksum(bytes);
  return sum === 0 && protocol === UDP ? 0xffff : sum;
}
