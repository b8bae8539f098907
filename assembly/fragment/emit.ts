/** Takes packets apart on their way out (ip_do_fragment of net/ipv4/ip_output.c, ip6_fragment of net/ipv6/ip6_output.c). */

import { appendRecord, emitPacket, isEmitted, outputLeft, recordSize } from "../capture/emit";
import { outputLinkBytes } from "../capture/header";
import { enterAh, isBehindAh, leaveAh } from "../conntrack/extensions";
import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { hasFlag } from "../memory/engine";
import { random } from "../memory/random";
import { quotedTransport } from "../nat/error";
import { rewrittenBytes } from "../nat/transport";
import { Packet, finish } from "../packet";
import { Geometry, joinPieces, pieceEnd } from "./geometry";
import { splitHeaderBytes, writeHeader4, writeHeader6 } from "./piece";

const IP6_MTU_MIN: u32 = 1280;
/** More than any packet has. */
const MTU_UNLIMITED: u32 = 1 << 17;

/**
 * Sends a packet that was put together from fragments: in the pieces in which it came, or, where they no longer fit,
 * cut anew at the longest of them. IPv6 sends it whole if it is no longer than the longest of them, and not at all if its
 * unfragmentable headers are not together.
 */
export function emitFragments(packet: Packet): void {
  assert(packet.fragments != 0, "the packet came whole");
  const limit = min(mtuOf(packet), packet.fragmentBytesMax);
  if (packet.family == 6 && packet.bytes <= limit) {
    emitPacket(packet);
    return;
  }
  const geometry = changetype<Geometry>(packet.fragments);
  joinPieces(geometry, min(contiguousBytes(packet), packet.bytes));
  const headerBytes = splitHeaderBytes(packet, pieceEnd(geometry, 0));
  if (headerBytes == 0) {
    finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_FRAGMENT_INVALID);
    return;
  }
  const room = roomFor(packet, packet.family == 6 ? max(limit, IP6_MTU_MIN) : limit, headerBytes);
  if (keepsPieces(packet, geometry, headerBytes, room)) cut(packet, headerBytes, room, geometry.count, false);
  else cut(packet, headerBytes, room, 0, geometry.dontFragment);
}

/** Sends a packet that is longer than the way out allows, in pieces as long as the MTU allows. */
export function emitSplit(packet: Packet, mtu: u32): void {
  const headerBytes = splitHeaderBytes(packet, packet.bytes);
  cut(packet, headerBytes, roomFor(packet, mtu, headerBytes), 0, false);
}

/** Payload bytes in a piece of at most `mtu`. */
function roomFor(packet: Packet, mtu: u32, headerBytes: u32): u32 {
  const headers = headerBytes + fragmentHeaderBytes(packet);
  return mtu >= headers + 8 ? mtu - headers : 8;
}

/** Bytes that a piece has in front of its payload and the whole packet has not. */
function fragmentHeaderBytes(packet: Packet): u32 {
  return packet.family == 4 ? 0 : Wire.FRAGMENT6_SIZE;
}

/** ip_skb_dst_mtu(): the route's. A packet that only passes has none. */
function mtuOf(packet: Packet): u32 {
  if (packet.route == 0) return MTU_UNLIMITED;
  const mtu = load<u32>(packet.route, Program.ROUTE_MTU);
  return mtu == 0 ? MTU_UNLIMITED : mtu;
}

/**
 * The pieces still begin and end where they may: the first one, which may have grown over others, at a multiple of eight.
 * And the headers that a piece leaves with have to fit where those were with which it came: a veth's frames have not a
 * byte of room besides.
 */
function keepsPieces(packet: Packet, geometry: Geometry, headerBytes: u32, room: u32): bool {
  const firstEnd = pieceEnd(geometry, 0);
  if (headerBytes >= firstEnd) return false;
  if (geometry.headerBytesMin != 0 && geometry.headerBytesMin < headerBytes + fragmentHeaderBytes(packet)) return false;
  let begin = headerBytes;
  for (let index: u32 = 0; index < geometry.count; index++) {
    const end = pieceEnd(geometry, index);
    if (end - begin > room) return false;
    begin = end;
  }
  return ((firstEnd - headerBytes) & 7) == 0;
}

/** How far the kernel makes a packet contiguous; behind AH as without it. */
function contiguousBytes(packet: Packet): u32 {
  const transport = packet.transport;
  const isEntered = isBehindAh(packet) && enterAh(packet);
  const bytes = touchedBytes(packet);
  if (isEntered) leaveAh(packet, transport);
  return bytes;
}

/**
 * Up to where the kernel touches a packet: over the TCP header that it may have a socket for (tcp_v4_early_demux,
 * tcp_v6_early_demux), over SCTP's where conntrack sums it up (sctp_error), and over what NAT writes to.
 */
function touchedBytes(packet: Packet): u32 {
  if (packet.ct == State.CT_RELATED && isIcmp(packet) && isBound(packet)) return contiguousBytesOfError(packet);
  const protocol = packet.protocol;
  const isLookedUp = protocol == Protocol.TCP && (packet.family == 4 || packet.transport == Wire.IP6_SIZE);
  if (isLookedUp) return packet.transport + Wire.TCP_SIZE;
  if (protocol == Protocol.SCTP && isSummedUp(packet)) return packet.transport + Wire.SCTP_SIZE;
  return isTranslated(packet) ? packet.transport + rewrittenBytes(protocol, packet.bytes - packet.transport) : 0;
}

/**
 * The IP header that an error quotes (nf_nat_icmp_reply_translation), and where that is translated, the transport header
 * behind it (l4proto_manip_pkt).
 */
function contiguousBytesOfError(packet: Packet): u32 {
  const quote = packet.transport + Wire.ICMP_SIZE;
  const transport = isTranslated(packet) ? quotedTransport(packet.address + quote, packet.bytes - quote, packet.family) : 0;
  if (transport == 0) return quote + (packet.family == 4 ? Wire.IP4_SIZE : Wire.IP6_SIZE);
  const protocol: u32 = load<u8>(packet.connection, Connection.PROTOCOL);
  const touched = quote + transport;
  return touched + rewrittenBytes(protocol, packet.bytes - touched);
}

function isIcmp(packet: Packet): bool {
  return packet.protocol == (packet.family == 4 ? Protocol.ICMP : Protocol.ICMP6);
}

/** NAT has looked at the connection, whatever came of it. */
function isBound(packet: Packet): bool {
  if (packet.connection == 0) return false;
  const status: u32 = load<u16>(packet.connection, Connection.STATUS);
  return (status & (Connection.STATUS_SRC_NAT_DONE | Connection.STATUS_DST_NAT_DONE)) != 0;
}

function isSummedUp(packet: Packet): bool {
  return packet.ct != State.CT_NONE && packet.ct != State.CT_UNTRACKED && hasFlag(Engine.ENGINE_CHECKSUM);
}

function isTranslated(packet: Packet): bool {
  if (packet.connection == 0) return false;
  const status: u32 = load<u16>(packet.connection, Connection.STATUS);
  return (status & (Connection.STATUS_SRC_NAT | Connection.STATUS_DST_NAT)) != 0;
}

/** Sends the packet in the `pieces` of its geometry, or, if 0, in pieces of `room` bytes rounded down to eight. */
function cut(packet: Packet, headerBytes: u32, room: u32, pieces: u32, dontFragment: bool): void {
  if (!isEmitted(packet)) return;
  const even = room & ~7;
  const extra = fragmentHeaderBytes(packet);
  const count = pieces != 0 ? pieces : (packet.bytes - headerBytes + even - 1) / even;
  if (!fitsOutput(packet, count, headerBytes + extra)) {
    finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_OUTPUT_LIMIT);
    return;
  }
  const id = packet.family == 4 ? 0 : random();
  let at = headerBytes;
  for (let index: u32 = 0; at < packet.bytes; index++) {
    const left = packet.bytes - at;
    const bytes = pieces != 0 ? pieceEnd(changetype<Geometry>(packet.fragments), index) - at : left > room ? even : left;
    const to = appendRecord(packet, headerBytes + extra + bytes);
    if (packet.family == 4) writeHeader4(packet, to, headerBytes, at - headerBytes, bytes, dontFragment);
    else writeHeader6(packet, to, headerBytes, at - headerBytes, bytes, id);
    memory.copy(to + headerBytes + extra, packet.address + at, bytes);
    at += bytes;
  }
}

/** All pieces find room in the output buffer: half a datagram is never written. */
function fitsOutput(packet: Packet, count: u32, headers: u32): bool {
  const overhead = recordSize(outputLinkBytes(packet) + headers) + 3;
  return <u64>count * overhead + packet.bytes <= outputLeft();
}
