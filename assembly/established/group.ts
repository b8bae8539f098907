/**
 * Finds the connections of a group of packets at once, so that the waits for memory overlap: first every packet's hash
 * and its bucket, then every bucket's record. Wasm has no prefetch; a load whose value is used later does as well.
 *
 * Only IPv4 packets without options and in one piece are looked for; of which protocol they are checkGroup() asks.
 */

import * as Descriptor from "../layout/descriptor";
import * as Index from "../layout/index";
import * as Connection from "../layout/connection";
import * as Wire from "../layout/wire";
import { bucketOf, findIndexed, slotsOfHashAt } from "../conntrack/buckets";
import { hashTuple4 } from "../conntrack/hash";
import { halfOf } from "../conntrack/half";
import * as Probe from "./probe";

/** Bits of FRAGMENT, as loaded: more fragments, and the offset. */
const FRAGMENT_BITS: u32 = 0xff3f;
/** Version 4 and a header of five words. */
const PLAIN_VERSION: u32 = 0x45;
/** Bits of the TTL of which one is set when there is a hop left. */
const HOPS_LEFT: u32 = 0xfe;
if (Wire.IP4_PROTOCOL != Wire.IP4_TTL + 1) ERROR("the protocol is not behind the TTL");

/** LINK_BYTES and FLAGS are one word: a larger one has flags. */
const LINK_BYTES_MAX: u32 = 0xffff;
if (Descriptor.SIZE != Probe.SIZE) ERROR("descriptors are not as far apart as probes");
if (Descriptor.FLAGS != Descriptor.LINK_BYTES + 2) ERROR("FLAGS is not where hashGroup() looks");

export const LINE: usize = 64;
const LINE_MASK: u32 = ~63;
/** An IP header starts near here in a frame, whatever link header stands before it. */
const PACKET_START: usize = 16;
/** Keeps the number of a slot in bounds where none matches and ctz() gives 32. */
const SLOT_BITS: usize = 15;

/** Stands for a bucket or a record that there is not: two lines of zeros. */
export const nothing: usize = memory.data(128, 128);
/** Keeps the early loads alive. */
let touched: u32 = 0;

/**
 * Looks for the connections of `size` packets, of which `first` is the first one's descriptor. Returns how many are something
 * else than plain IPv4, and noted as such (Probe.otherAt()): if all are, there was nothing to look for.
 */
export function probeGroup(first: usize, size: u32): u32 {
  const end = Probe.probeAt(size);
  const others = hashGroup(first, end);
  if (others == size) return others;
  touchLines(end, Probe.BUCKET, 0);
  for (let probe = Probe.probeAt(0); probe < end; probe += Probe.SIZE) {
    store<u32>(probe, halfIn(load<u32>(probe, Probe.BUCKET), probe + Probe.HASH), Probe.HALF);
  }
  touchLines(end, Probe.HALF, LINE);
  return others;
}

/** The half that the first slot leads to which has the fingerprint of the hash at an address; if there is none, `nothing`. */
export function halfIn(bucket: usize, hash: usize): u32 {
  const slots = slotsOfHashAt(bucket, hash);
  const half = load<u32>(bucket + ((<usize>ctz(slots) & SLOT_BITS) << 2), Index.HALVES);
  return slots == 0 ? <u32>nothing : half;
}

/** Notes of each packet, if it is one of those that are looked for, where it stands, its hash and its bucket; and which are others. */
function hashGroup(first: usize, end: usize): u32 {
  const descriptors = first - Probe.probeAt(0);
  let others: u32 = 0;
  for (let probe = Probe.probeAt(0); probe < end; probe += Probe.SIZE) {
    const descriptor = descriptors + probe;
    store<u32>(probe, Probe.UNCHECKED, Probe.WANTED + 4);
    store<u32>(probe, 0, Probe.BYTES);
    store<u32>(probe, <u32>nothing, Probe.BUCKET);
    const linkBytes = load<u32>(descriptor, Descriptor.LINK_BYTES);
    if (linkBytes > LINK_BYTES_MAX) continue;
    const frameBytes = load<u32>(descriptor, Descriptor.FRAME_BYTES) - linkBytes;
    if (<i32>frameBytes < <i32>(Wire.IP4_SIZE + Wire.UDP_SIZE)) continue;
    const packet: usize = load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
    if (load<u8>(packet) != PLAIN_VERSION) {
      Probe.setOther(others++, probe);
      continue;
    }
    if ((load<u16>(packet, Wire.IP4_FRAGMENT) & FRAGMENT_BITS) != 0) continue;
    const bytes = (<u32>load<u8>(packet, Wire.IP4_TOTAL_LENGTH) << 8) | load<u8>(packet, Wire.IP4_TOTAL_LENGTH + 1);
    if (bytes > frameBytes) continue;
    const hopsAndProtocol: u32 = load<u16>(packet, Wire.IP4_TTL);
    if ((hopsAndProtocol & HOPS_LEFT) == 0) continue;
    const protocol = hopsAndProtocol >> 8;
    const hash = hashTuple4(load<u64>(packet, Wire.IP4_SRC), load<u32>(packet, Wire.IP4_SIZE), protocol);
    store<u64>(probe, hash, Probe.HASH);
    store<u32>(probe, <u32>bucketOf(hash), Probe.BUCKET);
    store<u32>(probe, <u32>packet, Probe.PACKET);
    store<u32>(probe, bytes, Probe.BYTES);
  }
  return others;
}

/**
 * Loads the cache lines that the probes name, and those so many bytes behind them: so few instructions a line that the
 * processor has them all under way at once.
 */
function touchLines(end: usize, field: usize, behind: usize): void {
  let sum: u32 = 0;
  for (let probe = Probe.probeAt(0); probe < end; probe += Probe.SIZE) {
    const line: usize = load<u32>(probe + field) & LINE_MASK;
    sum ^= load<u32>(line) ^ load<u32>(line + behind);
  }
  touched = sum;
}

/**
 * Whether the i-th packet's connection may be in the index: it was found, or another's, or its bucket has been filled since.
 * False: it is not, and the short way need not be tried.
 */
export function mayBeFound(i: u32): bool {
  const probe = Probe.probeAt(i);
  if (load<u32>(probe, Probe.HALF) != <u32>nothing) return true;
  const bucket: usize = load<u32>(probe, Probe.BUCKET);
  return load<u32>(bucket, Index.OVERFLOW) != 0 || slotsOfHashAt(bucket, probe + Probe.HASH) != 0;
}

/** Loads the start of the packet that a descriptor is of, which will be looked at soon. */
export function touchPacket(descriptor: usize): void {
  touched = load<u32>(load<u32>(descriptor, Descriptor.FRAME), PACKET_START);
}

/** The packet's tuple is the one that stands in the half of a record. */
export function isTupleOfPacket(packet: usize, half: usize): bool {
  const addresses = load<u64>(half) ^ load<u64>(packet, Wire.IP4_SRC);
  const ports = load<u32>(half, Connection.SRC_PORT) ^ load<u32>(packet, Wire.IP4_SIZE);
  return (addresses | ports) == 0;
}

/** The first look found another connection's half, or none: the packet's is searched for slot by slot. False: there is none. */
export function findAgain(probe: usize): bool {
  const packet: usize = load<u32>(probe, Probe.PACKET);
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  const hash = load<u64>(probe, Probe.HASH);
  const found = findIndexed(hash, load<u64>(packet, Wire.IP4_SRC), load<u32>(packet, Wire.IP4_SIZE), protocol, 0);
  store<u32>(probe, <u32>halfOf(found & ~1, <u32>found & 1), Probe.HALF);
  return found != 0;
}
