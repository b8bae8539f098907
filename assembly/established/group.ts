/**
 * Finds the connections of a group of packets at once, so that the waits for memory overlap: first every packet's hash
 * and its bucket, then every bucket's record. Wasm has no prefetch; a load whose value is used later does as well.
 *
 * Only IPv4 packets of TCP and UDP without options and in one piece are looked for. A group's findings hold until the
 * index changes.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Index from "../layout/index";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { bucketOf, fingerprintOf, findIndexed, indexVersion, matchingSlots } from "../conntrack/buckets";
import { hashTuple4 } from "../conntrack/hash";
import { engine } from "../memory/engine";

/** Packets in a group: enough to hide a wait for memory, few enough for the first cache level. */
export const GROUP_SIZE: u32 = 32;

/** First byte of an IPv4 header without options. */
const VERSION_AND_LENGTH: u32 = 0x45;
/** In the fragment field as loaded: more fragments, and the offset. */
const FRAGMENT_BITS: u32 = 0xff3f;
const PORTS_BYTES: u32 = 8;

/** A packet's place in the group: u64 hash, u32 bucket, then its record | direction; `nothing`: not to be found here. */
const PROBE_SIZE_LOG2: u32 = 4;
const PROBE_SIZE: usize = 16;
const BUCKET: usize = 8;
const FOUND: usize = 12;

const LINE: usize = 64;
const LINE_MASK: u32 = ~63;
/** An IP header starts near here in a frame, whatever link header stands before it. */
const PACKET_START: usize = 16;
/** Keeps the number of a slot in bounds where none matches and ctz() gives 32. */
const SLOT_BITS: usize = 15;

const probes: usize = memory.data(32 << 4, 64);
/** Stands for a bucket or a record that there is not: two lines of zeros. */
const nothing: usize = memory.data(128, 64);
let version: u32 = 0;
/** Keeps the early loads alive. */
let touched: u32 = 0;

/** Looks for the connections of `size` packets, of which `first` is the first one's descriptor. */
export function probeGroup(first: usize, size: u32): void {
  const end = probes + (<usize>size << PROBE_SIZE_LOG2);
  version = indexVersion();
  let descriptor = first;
  for (let probe = probes; probe < end; probe += PROBE_SIZE) {
    const packet = plainPacket(descriptor);
    const hash = packet == 0 ? 0 : hashOfPacket(packet);
    store<u64>(probe, hash);
    store<u32>(probe, packet == 0 ? <u32>nothing : <u32>bucketOf(hash), BUCKET);
    descriptor += Descriptor.SIZE;
  }
  touchLines(end, BUCKET, 0);
  const connections: usize = load<u32>(engine, Engine.CONNECTIONS);
  for (let probe = probes; probe < end; probe += PROBE_SIZE) {
    const bucket: usize = load<u32>(probe, BUCKET);
    const slots = matchingSlots(bucket, fingerprintOf(load<u64>(probe)));
    const value = load<u32>(bucket + ((<usize>ctz(slots) & SLOT_BITS) << 2), Index.VALUES);
    const connection = connections + (<usize>(value >> 1) << Connection.SIZE_LOG2);
    store<u32>(probe, slots == 0 ? <u32>nothing : <u32>connection | (value & 1), FOUND);
  }
  touchLines(end, FOUND, LINE);
}

/** Loads what the next group will be looked at first for: its descriptors and the starts of its packets. */
export function touchGroup(first: usize, size: u32): void {
  const end = first + (<usize>size << Descriptor.SIZE_LOG2);
  let sum: u32 = 0;
  for (let descriptor = first; descriptor < end; descriptor += Descriptor.SIZE) {
    sum ^= load<u32>(load<u32>(descriptor, Descriptor.FRAME), PACKET_START);
  }
  touched = sum;
}

/**
 * Loads the cache lines that the probes name, and those so many bytes behind them: so few instructions a line that the
 * processor has them all under way at once.
 */
function touchLines(end: usize, field: usize, behind: usize): void {
  let sum: u32 = 0;
  for (let probe = probes; probe < end; probe += PROBE_SIZE) {
    const line: usize = load<u32>(probe + field) & LINE_MASK;
    sum ^= load<u32>(line) ^ load<u32>(line + behind);
  }
  touched = sum;
}

/** The record | direction of the i-th packet of the group, at `packet`, or 0. */
export function foundInGroup(i: u32, packet: usize): usize {
  const probe = probes + (<usize>i << PROBE_SIZE_LOG2);
  if (load<u32>(probe, BUCKET) == <u32>nothing) return 0;
  const addresses = load<u64>(packet, Wire.IP4_SRC);
  const ports = load<u32>(packet, Wire.IP4_SIZE);
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  const found: usize = load<u32>(probe, FOUND);
  if (found != nothing && version == indexVersion()) {
    const half = (found & ~1) + ((found & 1) << Connection.TUPLE_LOG2);
    if (
      load<u64>(half) == addresses &&
      load<u32>(half, Connection.SRC_PORT) == ports &&
      load<u8>(found & ~1, Connection.PROTOCOL) == protocol &&
      load<u8>(found & ~1, Connection.FAMILY) == 4
    ) return found;
  }
  return findIndexed(load<u64>(probe), addresses, ports, protocol, 0);
}

/** The IP packet of a descriptor if it is one of those that are looked for, else 0. */
function plainPacket(descriptor: usize): usize {
  if (load<u16>(descriptor, Descriptor.FLAGS) != 0) return 0;
  const linkBytes: u32 = load<u16>(descriptor, Descriptor.LINK_BYTES);
  if (load<u32>(descriptor, Descriptor.FRAME_BYTES) < linkBytes + Wire.IP4_SIZE + PORTS_BYTES) return 0;
  const packet: usize = load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
  if (load<u8>(packet) != VERSION_AND_LENGTH || (load<u16>(packet, Wire.IP4_FRAGMENT) & FRAGMENT_BITS) != 0) return 0;
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  return protocol == Protocol.TCP || protocol == Protocol.UDP ? packet : 0;
}

function hashOfPacket(packet: usize): u64 {
  return hashTuple4(load<u64>(packet, Wire.IP4_SRC), load<u32>(packet, Wire.IP4_SIZE), load<u8>(packet, Wire.IP4_PROTOCOL));
}
