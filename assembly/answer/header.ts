/** The frame of every packet that the node itself makes: where its bytes stand, and its IP header. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Wire from "../layout/wire";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { random } from "../memory/random";
import { ORIGIN_ENGINE, PACKETS_MAX, Packet, packetAt, resetPacket } from "../packet";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";

/** The longest answer is an echo reply. */
const ANSWER_BYTES_MAX: u32 = 65536;
const IP4_FIRST_BYTE: u32 = 0x45;
const IP6_FIRST_BYTE: u8 = 0x60;

let buffers: usize = 0;

/** Carves a buffer for each answer that can wait. */
export function initAnswers(): bool {
  buffers = carve((PACKETS_MAX - 1) * ANSWER_BYTES_MAX, true);
  return buffers != 0;
}

/** Readies the packet at a depth to become an answer to `cause`, on the link where that came from. */
export function openAnswer(cause: Packet, depth: u32): Packet {
  const answer = packetAt(depth);
  resetPacket(answer);
  answer.address = buffers + <usize>(depth - 1) * ANSWER_BYTES_MAX;
  answer.family = cause.family;
  answer.frame = cause.frame;
  answer.linkBytes = cause.linkBytes;
  answer.linkType = cause.linkType;
  answer.captureInterface = cause.captureInterface;
  answer.flags = 0;
  answer.time = cause.time;
  answer.inInterface = Descriptor.NO_INTERFACE;
  answer.hook = Program.HOOK_OUTPUT;
  answer.origin = ORIGIN_ENGINE;
  return answer;
}

/** The id of a packet that can be fragmented: as unpredictable as the kernel's. */
export function drawId(): u32 {
  return random() >> 16;
}

/**
 * Writes the IP header of an answer that carries `payload` bytes of `protocol`, from address *src to *dst, all but the
 * checksum. `options` bytes of IPv4 options stand behind it already; `fragment` are IPv4's flags; `tos` is IPv6's
 * traffic class; IPv6 has no id.
 */
export function putHeader(
  answer: Packet, protocol: u32, options: u32, payload: u32, src: usize, dst: usize, tos: u32, id: u32, fragment: u32,
): void {
  answer.protocol = protocol;
  if (answer.family == 4) putHeader4(answer, options, payload, tos, id, fragment);
  else putHeader6(answer, payload, tos);
  const at = answer.address + (answer.family == 4 ? Wire.IP4_SRC : Wire.IP6_SRC);
  const bytes: usize = answer.family == 4 ? 4 : 16;
  memory.copy(at, src, bytes);
  memory.copy(at + bytes, dst, bytes);
}

/** Address of a packet's source address. */
export function srcAddress(packet: Packet): usize {
  return packet.address + (packet.family == 4 ? Wire.IP4_SRC : Wire.IP6_SRC);
}

/** Address of a packet's destination address. */
export function dstAddress(packet: Packet): usize {
  return packet.address + (packet.family == 4 ? Wire.IP4_DST : Wire.IP6_DST);
}

function putHeader4(answer: Packet, options: u32, payload: u32, tos: u32, id: u32, fragment: u32): void {
  const header = changetype<Ip4Header>(answer.address);
  answer.transport = Wire.IP4_SIZE + options;
  answer.bytes = answer.transport + payload;
  store<u8>(answer.address, <u8>(IP4_FIRST_BYTE + (options >> 2)));
  header.tos = tos;
  header.totalLength = answer.bytes;
  header.id = id;
  header.fragment = fragment;
  header.ttl = load<u32>(engine, Engine.TTL);
  header.protocol = answer.protocol;
}

function putHeader6(answer: Packet, payload: u32, trafficClass: u32): void {
  const header = changetype<Ip6Header>(answer.address);
  store<u32>(answer.address, 0);
  store<u8>(answer.address, <u8>(IP6_FIRST_BYTE | (trafficClass >> 4)));
  store<u8>(answer.address, <u8>(trafficClass << 4), 1);
  header.payloadLength = payload;
  header.nextHeader = answer.protocol;
  header.hopLimit = IP6_HOP_LIMIT;
  answer.transport = Wire.IP6_SIZE;
  answer.bytes = Wire.IP6_SIZE + payload;
}

/** net.ipv6.conf.default.hop_limit. */
const IP6_HOP_LIMIT: u32 = 64;
