/** The packet blocks of a pcapng section. Blocks that the host must see stop the walk; all others are passed over. */

import * as Capture from "../layout/capture";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { half, padded, word } from "./bytes";
import { describe, hasRoom, interfaceAt, stopWalk } from "./describe";
import { packetTime } from "./time";

/** Time of the last packet that had one: simple packet blocks have none. */
let lastTime: u64 = 0;

/** Walks blocks until one is incomplete, damaged, for the host, or finds no descriptor. Returns its address. */
export function walkBlocks(at: usize, end: usize): usize {
  while (true) {
    if (end - at < Capture.BLOCK_BYTES_MIN) return stopWalk(Engine.WALK_END, at);
    const type = word(at + Capture.BLOCK_TYPE);
    if (type == Capture.SECTION_HEADER) return stopWalk(Engine.WALK_BLOCK, at);
    const bytes = word(at + Capture.BLOCK_BYTES);
    if (!isBlockLength(bytes)) return stopWalk(Engine.WALK_ERROR, at);
    if (end - at < bytes) return stopWalk(Engine.WALK_END, at);
    if (word(at + bytes - 4) != bytes) return stopWalk(Engine.WALK_ERROR, at);
    if (type == Capture.INTERFACE_DESCRIPTION) return stopWalk(Engine.WALK_BLOCK, at);
    if (isPacket(type)) {
      if (!hasRoom()) return stopWalk(Engine.WALK_FULL, at);
      if (!describePacket(type, at, bytes)) return stopWalk(Engine.WALK_ERROR, at);
    }
    at += bytes;
  }
}

/** The length of a block that can be: the draft's "Block Total Length", not beyond what anybody writes. */
function isBlockLength(bytes: u32): bool {
  return bytes >= Capture.BLOCK_BYTES_MIN && bytes <= Capture.BLOCK_BYTES_MAX && (bytes & 3) == 0;
}

function isPacket(type: u32): bool {
  return type == Capture.ENHANCED_PACKET || type == Capture.SIMPLE_PACKET || type == Capture.OLD_PACKET;
}

/** False: the block cannot hold what it says, or names an interface that the section does not have. */
function describePacket(type: u32, at: usize, bytes: u32): bool {
  if (type == Capture.SIMPLE_PACKET) return describeSimple(at, bytes);
  if (bytes < Capture.PACKET_BYTES_MIN) return false;
  const named = at + Capture.PACKET_INTERFACE;
  const index = type == Capture.ENHANCED_PACKET ? word(named) : half(named);
  const frameBytes = word(at + Capture.PACKET_FRAME_BYTES);
  if (index >= load<u32>(engine, Engine.CAPTURE_INTERFACE_COUNT)) return false;
  if (frameBytes > bytes - Capture.PACKET_BYTES_MIN || frameBytes > Capture.FRAME_BYTES_MAX) return false;
  const units = (<u64>word(at + Capture.PACKET_TIME_HIGH) << 32) | word(at + Capture.PACKET_TIME_LOW);
  lastTime = packetTime(interfaceAt(index), units);
  const frame = at + Capture.PACKET_FRAME;
  const flags = optionFlags(frame + padded(frameBytes), at + bytes - 4);
  describe(lastTime, frame, frameBytes, word(at + Capture.PACKET_WIRE_BYTES), index, flags);
  return true;
}

function describeSimple(at: usize, bytes: u32): bool {
  if (bytes < Capture.SIMPLE_BYTES_MIN || load<u32>(engine, Engine.CAPTURE_INTERFACE_COUNT) == 0) return false;
  const wireBytes = word(at + Capture.SIMPLE_WIRE_BYTES);
  const snaplen = load<u32>(interfaceAt(0), Capture.INTERFACE_SNAPLEN);
  const frameBytes = snaplen == 0 ? wireBytes : min(snaplen, wireBytes);
  if (frameBytes > bytes - Capture.SIMPLE_BYTES_MIN || frameBytes > Capture.FRAME_BYTES_MAX) return false;
  describe(lastTime, at + Capture.SIMPLE_FRAME, frameBytes, wireBytes, 0, 0);
  return true;
}

/** FLAG_* of the options in [at, end): direction and kind of reception. Options that run over the end are not read. */
function optionFlags(at: usize, end: usize): u32 {
  while (at + Capture.OPTION_VALUE <= end) {
    const code = half(at + Capture.OPTION_CODE);
    const bytes = half(at + Capture.OPTION_BYTES);
    const next = at + Capture.OPTION_VALUE + padded(bytes);
    if (code == Capture.OPTION_END || next > end) return 0;
    if (code == Capture.OPTION_PACKET_FLAGS && bytes == 4) return descriptorFlags(word(at + Capture.OPTION_VALUE));
    at = next;
  }
  return 0;
}

function descriptorFlags(flags: u32): u32 {
  const reception = (flags >> Capture.RECEPTION_SHIFT) & Capture.RECEPTION_MASK;
  let described: u32 = 0;
  if ((flags & Capture.DIRECTION_MASK) == Capture.DIRECTION_OUTBOUND) described |= Descriptor.FLAG_OUTBOUND;
  if (reception == Capture.RECEPTION_MULTICAST || reception == Capture.RECEPTION_BROADCAST) {
    described |= Descriptor.FLAG_MULTICAST;
  }
  if (reception == Capture.RECEPTION_PROMISCUOUS) described |= Descriptor.FLAG_OTHER_HOST;
  return described;
}
