/** What test/engine/fragment.test.ts calls of fragment/: a packet in, its pieces out, without hooks in between. */

import { emitPacket } from "../../assembly/capture/emit";
import { collectFragment, initFragments } from "../../assembly/fragment/collect";
import { hasExpired, takeExpired } from "../../assembly/fragment/expire";
import { emitFragments, emitSplit } from "../../assembly/fragment/emit";
import * as Engine from "../../assembly/layout/engine";
import * as Protocol from "../../assembly/layout/protocol";
import { carve } from "../../assembly/memory/arena";
import { engine } from "../../assembly/memory/engine";
import { packetAt, resetPacket } from "../../assembly/packet";
import { parsePacket } from "../../assembly/wire/parse";

/** Carves; returns where the packets have to be put, or 0. */
export function init(): usize {
  store<u32>(engine, <u32>carve(load<u32>(engine, Engine.OUTPUT_BYTES)), Engine.OUTPUT);
  return initFragments() ? carve(65536) : 0;
}

/** A raw IP packet passes: parsed, collected, and if whole sent on. Returns the reason that stopped it. */
export function pass(address: usize, bytes: u32, origin: u32): u32 {
  const packet = packetAt(0);
  while (hasExpired()) takeExpired(packet);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  packet.frame = address;
  packet.frameBytes = bytes;
  packet.wireBytes = bytes;
  packet.linkBytes = 0;
  packet.linkType = Protocol.LINKTYPE_RAW;
  packet.origin = origin;
  packet.inInterface = 0;
  const refused = parsePacket(packet);
  if (refused != 0) return refused;
  const reason = collectFragment(packet);
  if (reason != 0) return reason;
  if (packet.fragments != 0) emitFragments(packet);
  else emitPacket(packet);
  return packet.reason;
}

/** The packet that pass() put together. */
export function wholeAddress(): usize {
  return packetAt(0).address;
}
export function wholeBytes(): u32 {
  return packetAt(0).bytes;
}
export function longestFragment(): u32 {
  return packetAt(0).fragmentBytesMax;
}

/** A raw IP packet leaves over a link of so small an MTU that it has to be cut. */
export function split(address: usize, bytes: u32, mtu: u32): u32 {
  const packet = packetAt(0);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  packet.frame = address;
  packet.frameBytes = bytes;
  packet.wireBytes = bytes;
  packet.linkBytes = 0;
  packet.linkType = Protocol.LINKTYPE_RAW;
  const refused = parsePacket(packet);
  if (refused != 0) return refused;
  emitSplit(packet, mtu);
  return packet.reason;
}

export function engineAddress(): usize {
  return engine;
}
