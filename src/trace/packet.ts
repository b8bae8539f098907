/** Makes packets: an IP header of the addresses' family around TCP, UDP, SCTP or an ICMP echo, all checksums right. */

import * as Protocol from "../../assembly/layout/protocol.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import { addressOf } from "../network/address.ts";
import { crc32c, internetChecksum } from "./checksum.ts";

export interface PacketFields {
  readonly src: string;
  readonly dst: string;
  readonly protocol: "tcp" | "udp" | "sctp" | "icmp";
  /** ICMP: `sport` is the identifier. */
  readonly sport: number;
  readonly dport: number;
  /** TCP_* bits, sequence and acknowledgement numbers. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledged?: number;
  /** SCTP: the first chunk's type, and the verification tag; ICMP: an echo reply instead of a request. */
  readonly chunk?: number;
  readonly tag?: number;
  readonly isReply?: boolean;
}

const HOPS = 64;
const WINDOW = 64240;
const SCTP_WINDOW = 106496;
const SCTP_STREAMS = 10;
/** What an INIT and an INIT ACK give as the tag of what is sent to them. */
export const SCTP_INIT_TAG = 0x736c7563;

export function makePacket(fields: PacketFields): Uint8Array {
  const [src, dst] = [addressOf(fields.src), addressOf(fields.dst)];
  const isIp4 = src.length === 4;
  const body = bodyOf(fields, isIp4);
  const protocol = protocolNumber(fields.protocol, isIp4);
  const header = isIp4 ? header4(src, dst, protocol, body.length) : header6(src, dst, protocol, body.length);
  fillChecksum(body, protocol, src, dst);
  const packet = new Uint8Array(header.length + body.length);
  packet.set(header);
  packet.set(body, header.length);
  return packet;
}

function protocolNumber(name: PacketFields["protocol"], isIp4: boolean): number {
  if (name === "icmp") return isIp4 ? Protocol.ICMP : Protocol.ICMP6;
  return { tcp: Protocol.TCP, udp: Protocol.UDP, sctp: Protocol.SCTP }[name];
}

function bodyOf(fields: PacketFields, isIp4: boolean): Uint8Array {
  switch (fields.protocol) {
    case "tcp":
      return tcpBody(fields);
    case "udp":
      return udpBody(fields);
    case "sctp":
      return sctpBody(fields);
    case "icmp":
      return echoBody(fields, isIp4);
  }
}

function tcpBody({ sport, dport, flags = Wire.TCP_SYN, sequence = 0, acknowledged = 0 }: PacketFields): Uint8Array {
  const view = withPorts(Wire.TCP_SIZE, sport, dport);
  view.setUint32(Wire.TCP_SEQUENCE, sequence);
  view.setUint32(Wire.TCP_ACKNOWLEDGED, acknowledged);
  view.setUint8(Wire.TCP_DATA_OFFSET, (Wire.TCP_SIZE / 4) << 4);
  view.setUint8(Wire.TCP_FLAGS, flags);
  view.setUint16(Wire.TCP_WINDOW, WINDOW);
  return new Uint8Array(view.buffer);
}

function udpBody({ sport, dport }: PacketFields): Uint8Array {
  const view = withPorts(Wire.UDP_SIZE, sport, dport);
  view.setUint16(Wire.UDP_LENGTH, Wire.UDP_SIZE);
  return new Uint8Array(view.buffer);
}

function sctpBody({ sport, dport, chunk = Wire.CHUNK_INIT, tag = 0 }: PacketFields): Uint8Array {
  const view = withPorts(Wire.SCTP_CHUNKS + Wire.CHUNK_INIT_SIZE, sport, dport);
  view.setUint32(Wire.SCTP_TAG, tag);
  view.setUint8(Wire.SCTP_CHUNKS, chunk);
  view.setUint16(Wire.SCTP_CHUNKS + 2, Wire.CHUNK_INIT_SIZE);
  view.setUint32(Wire.SCTP_CHUNKS + Wire.CHUNK_INIT_TAG, SCTP_INIT_TAG);
  view.setUint32(Wire.SCTP_CHUNKS + 8, SCTP_WINDOW);
  view.setUint16(Wire.SCTP_CHUNKS + 12, SCTP_STREAMS);
  view.setUint16(Wire.SCTP_CHUNKS + 14, SCTP_STREAMS);
  return new Uint8Array(view.buffer);
}

function echoBody({ sport, isReply = false }: PacketFields, isIp4: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(Wire.ICMP_SIZE));
  const request = isIp4 ? Wire.ICMP4_ECHO : Wire.ICMP6_ECHO;
  const reply = isIp4 ? Wire.ICMP4_ECHO_REPLY : Wire.ICMP6_ECHO_REPLY;
  view.setUint8(Wire.ICMP_TYPE, isReply ? reply : request);
  view.setUint16(Wire.ICMP_ID, sport);
  view.setUint16(Wire.ICMP_SEQUENCE, 1);
  return new Uint8Array(view.buffer);
}

function withPorts(bytes: number, sport: number, dport: number): DataView {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint16(Wire.SRC_PORT, sport);
  view.setUint16(Wire.DST_PORT, dport);
  return view;
}

function header4(src: Uint8Array, dst: Uint8Array, protocol: number, bodyBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(Wire.IP4_SIZE));
  const header = new Uint8Array(view.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(Wire.IP4_TOTAL_LENGTH, Wire.IP4_SIZE + bodyBytes);
  view.setUint16(Wire.IP4_FRAGMENT, Wire.IP4_DONT_FRAGMENT);
  view.setUint8(Wire.IP4_TTL, HOPS);
  view.setUint8(Wire.IP4_PROTOCOL, protocol);
  header.set(src, Wire.IP4_SRC);
  header.set(dst, Wire.IP4_DST);
  view.setUint16(Wire.IP4_CHECKSUM, internetChecksum(header));
  return header;
}

function header6(src: Uint8Array, dst: Uint8Array, protocol: number, bodyBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(Wire.IP6_SIZE));
  const header = new Uint8Array(view.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(Wire.IP6_PAYLOAD_LENGTH, bodyBytes);
  view.setUint8(Wire.IP6_NEXT_HEADER, protocol);
  view.setUint8(Wire.IP6_HOP_LIMIT, HOPS);
  header.set(src, Wire.IP6_SRC);
  header.set(dst, Wire.IP6_DST);
  return header;
}

function fillChecksum(body: Uint8Array, protocol: number, src: Uint8Array, dst: Uint8Array): void {
  const view = new DataView(body.buffer);
  if (protocol === Protocol.SCTP) view.setUint32(Wire.SCTP_CHECKSUM, crc32c(body), true);
  else if (protocol === Protocol.ICMP) view.setUint16(Wire.ICMP_CHECKSUM, internetChecksum(body));
  else {
    const at = { [Protocol.TCP]: Wire.TCP_CHECKSUM, [Protocol.UDP]: Wire.UDP_CHECKSUM }[protocol] ?? Wire.ICMP_CHECKSUM;
    const pseudo = Uint8Array.of(...src, ...dst, body.length >> 8, body.length & 0xff, 0, protocol);
    const sum = internetChecksum(Uint8Array.of(...pseudo, ...body));
    // A UDP checksum of zero would mean that there is none (RFC 768).
    view.setUint16(at, sum === 0 && protocol === Protocol.UDP ? 0xffff : sum);
  }
}
