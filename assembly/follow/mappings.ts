/**
 * Sources' translations of the past. find_appropriate_src() also finds connections whose time is over, until the kernel
 * collects them, and when that is nothing tells beforehand: it shows in the source that a later connection leaves with.
 */

import * as Engine from "../layout/engine";
import * as Follow from "../layout/follow";
import { hashOfSource } from "../conntrack/hash";
import { Tuple, copyTuple } from "../conntrack/tuple";
import { hasFlag } from "../memory/engine";
import { Packet } from "../packet";
import { tupleSrc } from "../nat/tuples";

/** A power of two. Translations that share a place push each other out. */
const PLACES: u32 = 4096;
const digests: usize = memory.data(4096 * 4, 64);

/** Notes what a connection's source, of `original`, becomes: that of `translated`. */
export function rememberMapping(original: Tuple, translated: Tuple): void {
  if (!hasFlag(Engine.ENGINE_FOLLOW)) return;
  const digest = digestOf(original, translated);
  store<u32>(placeOf(digest), digest);
}

/**
 * Writes to `chosen` the current tuple with the source that the capture shows for the packet. False: it shows none, or
 * one that this source never had.
 */
export function shownMapping(packet: Packet, current: Tuple, chosen: Tuple): bool {
  if (packet.follow == 0) return false;
  copyTuple(current, chosen);
  memory.copy(tupleSrc(chosen), packet.follow + Follow.SRC, 16);
  chosen.srcPort = load<u16>(packet.follow, Follow.SRC_PORT);
  const digest = digestOf(current, chosen);
  return load<u32>(placeOf(digest)) == digest;
}

function digestOf(original: Tuple, translated: Tuple): u32 {
  return <u32>(hashOfSource(original) ^ rotl<u64>(hashOfSource(translated), 1));
}

function placeOf(digest: u32): usize {
  return digests + (<usize>(digest & (PLACES - 1)) << 2);
}
