/** The answer that whoever gets a packet would give: what shows how the way back is translated. */

import * as Protocol from "../../assembly/layout/protocol.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import { readHeader, transportOf } from "../replay/header.ts";
import { type PacketFields, packetOf } from "./packet.ts";

const FIRST_SEQUENCE = 1000;

/** Undefined: nobody answers such a packet, or it takes more than one packet to know how. */
export function answerTo(packet: Uint8Array): Uint8Array | undefined {
  const header = readHeader(packet);
  if (header === undefined) return undefined;
  const { src: dst, dst: src, sport: dport = 0, dport: sport = 0 } = header;
  const ends = { src, dst, sport, dport };
  const { protocol, at, isLater } = transportOf(packet);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (isLater) return undefined;
  switch (protocol) {
    case Protocol.TCP:
      return at + Wire.TCP_SIZE > packet.length ? undefined : answerTcp(ends, view, at);
    case Protocol.UDP:
      return packetOf({ ...ends, protocol: "udp" });
    case Protocol.SCTP: {
      const chunk = at + Wire.SCTP_CHUNKS;
      if (chunk + Wire.CHUNK_INIT_SIZE > packet.length || view.getUint8(chunk) !== Wire.CHUNK_INIT) return undefined;
      return packetOf({
        ...ends,
        protocol: "sctp",
        chunk: Wire.CHUNK_INIT_ACK,
        tag: view.getUint32(chunk + Wire.CHUNK_INIT_TAG),
      });
    }
    case Protocol.ICMP:
    case Protocol.ICMP6: {
      const request = protocol === Protocol.ICMP ? Wire.ICMP4_ECHO : Wire.ICMP6_ECHO;
      if (at + Wire.ICMP_SIZE > packet.length || view.getUint8(at) !== request) return undefined;
      return packetOf({ ...ends, protocol: "icmp", sport: dport, dport: 0, isReply: true });
    }
    default:
      return undefined;
  }
}

type Ends = Pick<PacketFields, "src" | "dst" | "sport" | "dport">;

/** SYN → SYN and ACK, FIN → FIN and ACK, data → ACK; an RST has the last word. */
function answerTcp(ends: Ends, view: DataView, at: number): Uint8Array | undefined {
  const flags = view.getUint8(at + Wire.TCP_FLAGS);
  if ((flags & Wire.TCP_RST) !== 0) return undefined;
  const bytes = view.byteLength - at - (view.getUint8(at + Wire.TCP_DATA_OFFSET) >> 4) * 4;
  const numbered = bytes + Number((flags & Wire.TCP_SYN) !== 0) + Number((flags & Wire.TCP_FIN) !== 0);
  const hasAck = (flags & Wire.TCP_ACK) !== 0;
  return packetOf({
    ...ends,
    protocol: "tcp",
    flags: Wire.TCP_ACK | (flags & (hasAck ? Wire.TCP_FIN : Wire.TCP_SYN)),
    sequence: hasAck ? view.getUint32(at + Wire.TCP_ACKNOWLEDGED) : FIRST_SEQUENCE,
    acknowledged: (view.getUint32(at + Wire.TCP_SEQUENCE) + numbered) >>> 0,
  });
}
