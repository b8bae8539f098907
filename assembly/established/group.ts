/**
 * Finds the connections of a group of packets at once, so that the waits for memory overlap: first every packet's hash
 * and its bucket, then every bucket's record. Wasm has no prefetch; a load whose value is used later does as well.
 *
 * Only IPv4 packets of TCP and UDP without options and in one piece are looked for.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Index from "../layout/index";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { bucketOf, fingerprintOf, findIndexed, matchingSlots } from "../conntrack/buckets";
import { hashTuple4 } from "../conntrack/hash";
import { engine } from "../memory/engine";

/** Packets in a group: enough to hide a wait for memory, few enough for the first cache level. */
export const GROUP_SIZE: u32 = 64;

/** In the first eight bytes of an IPv4 header as loaded: version, length, more fragments, and the offset. */
const PLAIN_MASK: u64 = 0xff3f_0000_0000_00ff;
const PLAIN: u64 = 0x45;

/** A packet's place in the group: u64 hash, then these. */
export const PROBE_SIZE: usize = 32;
export const PROBE_SIZE_LOG2: u32 = 5;
const BUCKET: usize = 8; //         u32  address of its bucket
export const FOUND: usize = 12; //  u32  record | direction; not yet compared with the packet
export const PACKET: usize = 16; // u32  address of its IP header; 0: it is not looked for

/** LINK_BYTES and FLAGS are one word: a larger one has flags. */
const LINK_BYTES_MAX: u32 = 0xffff;
if (Descriptor.FLAGS != Descriptor.LINK_BYTES + 2) ERROR("FLAGS is not where plainPacket() looks");

const LINE: usize = 64;
const LINE_MASK: u32 = ~63;
/** An IP header starts near here in a frame, whatever link header stands before it. */
const PACKET_START: usize = 16;
/** Keeps the number of a slot in bounds where none matches and ctz() gives 32. */
const SLOT_BITS: usize = 15;

const probes: usize = memory.data(64 << 5, 64);
/** Stands for a bucket or a record that there is not: two lines of zeros. */
const nothing: usize = memory.data(128, 64);
/** Keeps the early loads alive. */
let touched: u32 = 0;

/** Where the findings of the i-th packet of the group stand. */
export function probeAt(i: u32): usize {
  return probes + (<usize>i << PROBE_SIZE_LOG2);
}

/** Looks for the connections of `size` packets, of which `first` is the first one's descriptor. */
export function probeGroup(first: usize, size: u32): void {
  const end = probeAt(size);
  let descriptor = first;
  for (let probe = probes; probe < end; probe += PROBE_SIZE) {
    const packet = plainPacket(descriptor);
    const hash = packet == 0 ? 0 : hashOfPacket(packet);
    store<u64>(probe, hash);
    store<u32>(probe, packet == 0 ? <u32>nothing : <u32>bucketOf(hash), BUCKET);
    store<u32>(probe, <u32>packet, PACKET);
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

/** The packet's tuple is the direction's of a record. */
export function isTupleOfPacket(packet: usize, connection: usize, direction: u32): bool {
  const half = connection + (<usize>direction << Connection.TUPLE_LOG2);
  const addresses = load<u64>(half) ^ load<u64>(packet, Wire.IP4_SRC);
  const ports = load<u32>(half, Connection.SRC_PORT) ^ load<u32>(packet, Wire.IP4_SIZE);
  return (addresses | ports) == 0;
}

/** Searches slot by slot for the connection of a packet of which the first look found another's. False: there is none. */
export function findAgain(probe: usize): bool {
  const packet: usize = load<u32>(probe, PACKET);
  if (packet == 0) return false;
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  const found = findIndexed(load<u64>(probe), load<u64>(packet, Wire.IP4_SRC), load<u32>(packet, Wire.IP4_SIZE), protocol, 0);
  store<u32>(probe, <u32>found, FOUND);
  return found != 0;
}

/** The IP packet of a descriptor if it is one of those that are looked for, else 0. */
function plainPacket(descriptor: usize): usize {
  const linkBytes = load<u32>(descriptor, Descriptor.LINK_BYTES);
  if (linkBytes > LINK_BYTES_MAX) return 0;
  const frameBytes = load<u32>(descriptor, Descriptor.FRAME_BYTES);
  if (frameBytes < linkBytes + Wire.IP4_SIZE + Wire.UDP_SIZE) return 0;
  const packet: usize = load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
  if ((load<u64>(packet) & PLAIN_MASK) != PLAIN) return 0;
  const bytes: u32 = bswap<u16>(load<u16>(packet, Wire.IP4_TOTAL_LENGTH));
  if (bytes > frameBytes - linkBytes) return 0;
  if (load<u8>(packet, Wire.IP4_TTL) <= 1) return 0;
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  if (protocol == Protocol.TCP) return bytes < Wire.IP4_SIZE + Wire.TCP_SIZE ? 0 : packet;
  if (protocol != Protocol.UDP) return 0;
  return bytes < Wire.IP4_SIZE + Wire.UDP_SIZE ? 0 : packet;
}

function hashOfPacket(packet: usize): u64 {
  return hashTuple4(load<u64>(packet, Wire.IP4_SRC), load<u32>(packet, Wire.IP4_SIZE), load<u8>(packet, Wire.IP4_PROTOCOL));
}
