/** Captures out: packets that leave are appended to the output buffer as records that the host writes as they are. */

import * as Capture from "../layout/capture";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Verdict from "../layout/verdict";
import { engine, hasFlag } from "../memory/engine";
import { copyBytes } from "../memory/words";
import { finish, ORIGIN_ENGINE, ORIGIN_WIRE, Packet } from "../packet";
import { padded } from "./bytes";
import { outputLinkBytes, writeLink } from "./header";

const NANOSECONDS: u64 = 1_000_000_000;

/** Appends the packet with its link header, as a record of OUTPUT_FORMAT on its way-out interface. */
export function emitPacket(packet: Packet): void {
  if (!isEmitted(packet)) return;
  const isFrame = isWholeFrame(packet);
  const bytes = isFrame ? packet.frameBytes - packet.linkBytes : packet.bytes;
  const to = appendRecord(packet, bytes, isFrame ? packet.wireBytes - packet.frameBytes : 0);
  if (to == 0) return;
  if (bytes < 16) memory.copy(to, packet.address, bytes);
  else copyBytes(to, packet.address, bytes);
}

/**
 * No node stands in the way, and the packet is still where it was captured, not put together from fragments: the frame
 * goes on with what lies behind its packet, and as short as it was captured.
 */
function isWholeFrame(packet: Packet): bool {
  if (packet.origin != ORIGIN_WIRE || packet.route != 0 || packet.adjacency != 0) return false;
  return packet.fragments == 0 && packet.address == packet.frame + packet.linkBytes;
}

/** The host wants to see what becomes of this packet. */
export function isEmitted(packet: Packet): bool {
  if (load<u32>(engine, Engine.OUTPUT_FORMAT) == Engine.OUTPUT_NONE) return false;
  return packet.origin == ORIGIN_ENGINE || hasFlag(Engine.ENGINE_EMIT);
}

/**
 * Appends a record for `bytes` of IP packet with everything but the packet itself, and returns where that has to go.
 * `missing`: bytes that there were besides, and that were not captured.
 * 0: the output buffer has no room, and the packet is dropped for it.
 */
export function appendRecord(packet: Packet, bytes: u32, missing: u32 = 0): usize {
  const isPcap = load<u32>(engine, Engine.OUTPUT_FORMAT) == Engine.OUTPUT_PCAP;
  const headerBytes = outputLinkBytes(packet);
  const frameBytes = headerBytes + bytes;
  const recordBytes = recordSize(frameBytes);
  const used = load<u32>(engine, Engine.OUTPUT_USED);
  if (recordBytes > load<u32>(engine, Engine.OUTPUT_BYTES) - used) {
    finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_OUTPUT_LIMIT);
    return 0;
  }
  store<u32>(engine, used + recordBytes, Engine.OUTPUT_USED);
  const record: usize = load<u32>(engine, Engine.OUTPUT) + used;
  const wireBytes = frameBytes + missing;
  const frame = isPcap
    ? writeRecord(packet, record, frameBytes, wireBytes)
    : writeBlock(packet, record, frameBytes, wireBytes, recordBytes);
  writeLink(packet, frame, headerBytes, bytes);
  return frame + headerBytes;
}

/** Bytes of the output buffer that a frame takes. */
export function recordSize(frameBytes: u32): u32 {
  if (load<u32>(engine, Engine.OUTPUT_FORMAT) == Engine.OUTPUT_PCAP) return Capture.RECORD_SIZE + frameBytes;
  return Capture.PACKET_FRAME + padded(frameBytes) + Capture.PACKET_TAIL;
}

/** The next packet could cause more output than there is room for. */
export function isOutputFull(): bool {
  return load<u32>(engine, Engine.OUTPUT_FORMAT) != Engine.OUTPUT_NONE && outputLeft() < Engine.OUTPUT_RESERVE;
}

/** Bytes of the output buffer that are free. */
export function outputLeft(): u32 {
  return load<u32>(engine, Engine.OUTPUT_BYTES) - load<u32>(engine, Engine.OUTPUT_USED);
}

/** A record of a nanosecond pcap file. */
function writeRecord(packet: Packet, record: usize, frameBytes: u32, wireBytes: u32): usize {
  store<u32>(record, <u32>(packet.time / NANOSECONDS), Capture.RECORD_SECONDS);
  store<u32>(record, <u32>(packet.time % NANOSECONDS), Capture.RECORD_FRACTION);
  store<u32>(record, frameBytes, Capture.RECORD_FRAME_BYTES);
  store<u32>(record, wireBytes, Capture.RECORD_WIRE_BYTES);
  return record + Capture.RECORD_SIZE;
}

/** An enhanced packet block in nanoseconds, marked outbound. */
function writeBlock(packet: Packet, block: usize, frameBytes: u32, wireBytes: u32, blockBytes: u32): usize {
  store<u32>(block, Capture.ENHANCED_PACKET, Capture.BLOCK_TYPE);
  store<u32>(block, blockBytes, Capture.BLOCK_BYTES);
  store<u32>(block, outputInterface(packet), Capture.PACKET_INTERFACE);
  store<u32>(block, <u32>(packet.time >> 32), Capture.PACKET_TIME_HIGH);
  store<u32>(block, <u32>packet.time, Capture.PACKET_TIME_LOW);
  store<u32>(block, frameBytes, Capture.PACKET_FRAME_BYTES);
  store<u32>(block, wireBytes, Capture.PACKET_WIRE_BYTES);
  const frame = block + Capture.PACKET_FRAME;
  const tail = frame + padded(frameBytes);
  // The padding, and some of the frame's place with it: the frame is written later.
  if (frameBytes != 0) store<u32>(tail - 4, 0);
  store<u16>(tail, <u16>Capture.OPTION_PACKET_FLAGS, Capture.OPTION_CODE);
  store<u16>(tail, 4, Capture.OPTION_BYTES);
  store<u32>(tail, Capture.DIRECTION_OUTBOUND, Capture.OPTION_VALUE);
  store<u32>(tail, Capture.OPTION_END, Capture.PACKET_TAIL - 8);
  store<u32>(tail, blockBytes, Capture.PACKET_TAIL - 4);
  return frame;
}

/** The interface's number in the file that is written: the node's numbering; without a node, the capture's. */
function outputInterface(packet: Packet): u32 {
  if (packet.outInterface != Descriptor.NO_INTERFACE) return packet.outInterface;
  const captured: usize = load<u32>(engine, Engine.CAPTURE_INTERFACES) + packet.captureInterface * Capture.INTERFACE_SIZE;
  return packet.captureInterface < Capture.INTERFACES_MAX ? <u32>load<u16>(captured, Capture.INTERFACE_OUTPUT) : 0;
}
