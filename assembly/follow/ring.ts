/**
 * The outbound frames that --follow looks at: a ring of the newest FOLLOW_MAX, found by the digests of digest.ts. When
 * the rules leave a choice to chance, the frame that shows the packet on its way out tells what the real node chose.
 */

import * as Engine from "../layout/engine";
import * as Follow from "../layout/follow";
import * as Protocol from "../layout/protocol";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { fullDigest, keyDigest } from "./digest";

/**
 * A frame that leaves this long after its packet came in, or this long before (two CPUs' clocks), is its own. One that
 * leaves later may be of the next attempt: TCP makes it after a second (RFC 6298 2.1), over IPv6 with the same bytes.
 */
const LATER_MAX: u64 = 900_000_000;
const EARLIER_MAX: u64 = 1_000_000;

/** So many entries of a bucket are looked at. */
const CHAIN_MAX: u32 = 4096;

let entries: usize = 0;
let buckets: usize = 0;
let mask: u32 = 0;
let newest: u32 = 0;

/** Carves the ring if FOLLOW_MAX asks for one. */
export function initFollow(): bool {
  const wanted = load<u32>(engine, Engine.FOLLOW_MAX);
  if (wanted == 0) return true;
  const size: u32 = 1 << (32 - clz<u32>(wanted - 1));
  mask = size - 1;
  entries = carve(<u64>size << Follow.SIZE_LOG2, true);
  buckets = carve(<u64>size << 2);
  return entries != 0 && buckets != 0;
}

/** Remembers an outbound packet that parsePacket() has accepted. The oldest one makes room. */
export function rememberOutbound(packet: Packet): void {
  if (entries == 0) return;
  newest++;
  const entry = entryOf(newest);
  const key = keyDigest(packet);
  const bucket = buckets + (<usize>(key & mask) << 2);
  store<u32>(entry, load<u32>(bucket), Follow.NEXT);
  store<u32>(bucket, newest);
  store<u32>(entry, key, Follow.KEY);
  store<u32>(entry, fullDigest(packet), Follow.DIGEST);
  store<u64>(entry, packet.time, Follow.TIME);
  store<u8>(entry, packet.protocol, Follow.PROTOCOL);
  store<u8>(entry, packet.family, Follow.FAMILY);
  store<u8>(entry, 0, Follow.TAKEN);
  storeAddresses(entry, packet);
  storePorts(entry, packet);
}

/**
 * Takes the entry that shows `packet` on its way out, or 0. Of several the earliest that nobody took; one that is equal in
 * all that NAT leaves alone comes before one that merely starts alike (a first fragment of it).
 */
export function findOutbound(packet: Packet): usize {
  if (entries == 0) return 0;
  const key = keyDigest(packet);
  const digest = fullDigest(packet);
  let found: usize = 0;
  let foundEqual = false;
  let number = load<u32>(buckets + (<usize>(key & mask) << 2));
  for (let steps: u32 = 0; number != 0 && newest - number <= mask && steps < CHAIN_MAX; steps++) {
    const entry = entryOf(number);
    number = load<u32>(entry, Follow.NEXT);
    if (load<u32>(entry, Follow.KEY) != key || !isCandidate(entry, packet)) continue;
    const isEqual = load<u32>(entry, Follow.DIGEST) == digest;
    if (foundEqual && !isEqual) continue;
    found = entry;
    foundEqual = isEqual;
  }
  if (found != 0) store<u8>(found, 1, Follow.TAKEN);
  return found;
}

/** Gives an entry back: the packet that took it did not leave, so the frame shows another one. */
export function releaseOutbound(entry: usize): void {
  store<u8>(entry, 0, Follow.TAKEN);
}

/** The capture shows what leaves at all. */
export function hasOutbound(): bool {
  return newest != 0;
}

function entryOf(number: u32): usize {
  return entries + (<usize>(number & mask) << Follow.SIZE_LOG2);
}

function isCandidate(entry: usize, packet: Packet): bool {
  if (load<u8>(entry, Follow.TAKEN) != 0) return false;
  if (load<u8>(entry, Follow.PROTOCOL) != packet.protocol || load<u8>(entry, Follow.FAMILY) != packet.family) return false;
  return isAboutNow(load<u64>(entry, Follow.TIME), packet.time);
}

/** What left at `time` can be of a packet that came in at `now`. */
export function isAboutNow(time: u64, now: u64): bool {
  return time + EARLIER_MAX >= now && time <= now + LATER_MAX;
}

function storeAddresses(entry: usize, packet: Packet): void {
  if (packet.family == 4) {
    memory.fill(entry + Follow.SRC, 0, 32);
    store<u32>(entry, load<u32>(packet.address, 12), Follow.SRC);
    store<u32>(entry, load<u32>(packet.address, 16), Follow.DST);
  } else {
    memory.copy(entry + Follow.SRC, packet.address + 8, 32);
  }
}

function storePorts(entry: usize, packet: Packet): void {
  store<u32>(entry, 0, Follow.SRC_PORT);
  if (packet.fragmentOffset != 0 || packet.bytes - packet.transport < 8) return;
  const header = packet.address + packet.transport;
  const isIcmp = packet.protocol == Protocol.ICMP || packet.protocol == Protocol.ICMP6;
  if (isIcmp) store<u16>(entry, load<u16>(header, 4), Follow.SRC_PORT);
  else store<u32>(entry, load<u32>(header), Follow.SRC_PORT);
}
