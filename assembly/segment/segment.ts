/**
 * Cuts a TCP packet that is longer than the link allows into segments, as a card does for the node's own processes
 * (generic segmentation offload, net/ipv4/tcp_offload.c). Packets from the wire are never cut this way.
 */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { appendRecord, isEmitted } from "../capture/emit";
import { ORIGIN_NODE, Packet } from "../packet";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";
import { TcpHeader, hasTcpHeader } from "../wire/tcp";
import { sealIp, sealTransport } from "./seal";

const LAST_FLAGS: u32 = Wire.TCP_FIN | Wire.TCP_PSH;

/** Whether a packet that does not fit is one that the card would have cut. */
export function isSuperPacket(packet: Packet): bool {
  if (packet.origin != ORIGIN_NODE || packet.protocol != Protocol.TCP) return false;
  return hasTcpHeader(packet.address + packet.transport, packet.bytes - packet.transport);
}

/**
 * Emits the packet's segments. Each carries as much data as fits; the IP id and the sequence number count up, FIN and
 * PSH stand on the last one only, CWR on the first one only.
 */
export function emitSegments(packet: Packet, mtu: u32): void {
  if (!isEmitted(packet)) return;
  const headers = packet.transport + changetype<TcpHeader>(packet.address + packet.transport).headerBytes;
  const segmentBytes = mtu - headers;
  const whole = packet.address;
  const bytes = packet.bytes;
  for (let at = headers; at < bytes; at += segmentBytes) {
    const dataBytes = min(segmentBytes, bytes - at);
    const to = appendRecord(packet, headers + dataBytes);
    if (to == 0) break;
    memory.copy(to, whole, headers);
    memory.copy(to + headers, whole + at, dataBytes);
    packet.address = to;
    packet.bytes = headers + dataBytes;
    finishHeaders(packet, at - headers, (at - headers) / segmentBytes, at + dataBytes == bytes);
  }
  packet.address = whole;
  packet.bytes = bytes;
}

/** The segment at hand starts `offset` bytes into the data and is number `index`. */
function finishHeaders(segment: Packet, offset: u32, index: u32, isLast: bool): void {
  if (segment.family == 4) {
    const header = changetype<Ip4Header>(segment.address);
    header.totalLength = segment.bytes;
    header.id = bswap<u16>(<u16>(bswap<u16>(<u16>header.id) + index));
  } else {
    changetype<Ip6Header>(segment.address).payloadLength = segment.bytes - Wire.IP6_SIZE;
  }
  const tcp = changetype<TcpHeader>(segment.address + segment.transport);
  tcp.sequence += offset;
  if (!isLast) tcp.flags &= ~LAST_FLAGS;
  if (index != 0) tcp.flags &= ~Wire.TCP_CWR;
  sealIp(segment);
  sealTransport(segment);
}
