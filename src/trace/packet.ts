/** Packets that are traced without a capture: the first of a conversation, or the answer to one. */

import * as Protocol from "../../assembly/layout/protocol.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import { makePacket, type Transport } from "../traffic/packet.ts";
import { sctpPacket, tcpSegment, udpDatagram } from "../traffic/transport.ts";

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

/** What an INIT and an INIT ACK give as the tag of what is sent to them, their window and their streams. */
const INIT_TAG = 0x736c7563;
const INIT_WINDOW = 106496;
const INIT_STREAMS = 10;
const CHUNK_HEADER_BYTES = 4;
const NOTHING = new Uint8Array(0);

export function packetOf(fields: PacketFields): Uint8Array {
  return makePacket(fields, transportOf(fields), 0);
}

function transportOf(fields: PacketFields): Transport {
  switch (fields.protocol) {
    case "tcp": {
      const { flags = Wire.TCP_SYN, sequence: seq = 0, acknowledged: ack = 0 } = fields;
      return tcpSegment({ flags, seq, ack });
    }
    case "udp":
      return udpDatagram(NOTHING);
    case "sctp":
      return sctpPacket(fields.tag ?? 0, { type: fields.chunk ?? Wire.CHUNK_INIT, value: initValue() });
    case "icmp":
      return echo(fields);
  }
}

/** RFC 9260, section 3.3.2. */
function initValue(): Uint8Array {
  const view = new DataView(new ArrayBuffer(Wire.CHUNK_INIT_SIZE - CHUNK_HEADER_BYTES));
  view.setUint32(0, INIT_TAG);
  view.setUint32(4, INIT_WINDOW);
  view.setUint16(8, INIT_STREAMS);
  view.setUint16(10, INIT_STREAMS);
  return new Uint8Array(view.buffer);
}

function echo({ src, sport, isReply = false }: PacketFields): Transport {
  const isIp4 = !src.includes(":");
  const request = isIp4 ? Wire.ICMP4_ECHO : Wire.ICMP6_ECHO;
  const reply = isIp4 ? Wire.ICMP4_ECHO_REPLY : Wire.ICMP6_ECHO_REPLY;
  const view = new DataView(new ArrayBuffer(Wire.ICMP_SIZE));
  view.setUint8(Wire.ICMP_TYPE, isReply ? reply : request);
  view.setUint16(Wire.ICMP_ID, sport);
  view.setUint16(Wire.ICMP_SEQUENCE, 1);
  return { protocol: isIp4 ? Protocol.ICMP : Protocol.ICMP6, bytes: new Uint8Array(view.buffer) };
}
