/**
 * What group.ts does for IPv4 packets, for the IPv6 packets of a group: those without extension headers are looked for. Their
 * addresses stand in a table of their own, of which the connections' lines are loaded together, too.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Wire from "../layout/wire";
import { bucketOf, findIndexed } from "../conntrack/buckets";
import { digestsAt, hashTuple6 } from "../conntrack/hash";
import { addressesOfHalf, halfOf } from "../conntrack/half";
import { engine } from "../memory/engine";
import { LINE, halfIn, nothing } from "./group";
import * as Probe from "./probe";

/** The next header and, above it, the hop limit, when there is a hop left. */
const HOPS_LEFT: u32 = 0x200;
if (Wire.IP6_HOP_LIMIT != Wire.IP6_NEXT_HEADER + 1) ERROR("the hop limit is not behind the next header");

/** Both addresses of a half stand side by side, the other half's at the other side of a line. */
const PAIR: usize = 1 << Connection.ADDRESSES_TUPLE_LOG2;

if (Descriptor.SIZE != Probe.SIZE) ERROR("descriptors are not as far apart as probes");

/** Keeps the early loads alive. */
let touched: u32 = 0;

/**
 * Notes of the IPv6 packets among a group's `others` what probeGroup() has noted of IPv4's; only they are others then. Returns
 * how many they are: 0 as well where there is no room for IPv6 connections.
 */
export function hashGroup6(first: usize, others: u32): u32 {
  if (load<u32>(engine, Engine.ADDRESSES) == 0) return 0;
  let found: u32 = 0;
  for (let n: u32 = 0; n < others; n++) {
    const probe = Probe.otherAt(n);
    const descriptor = first + (probe - Probe.probeAt(0));
    const linkBytes = load<u32>(descriptor, Descriptor.LINK_BYTES);
    const frameBytes = load<u32>(descriptor, Descriptor.FRAME_BYTES) - linkBytes;
    if (frameBytes < Wire.IP6_SIZE + Wire.UDP_SIZE) continue;
    const packet: usize = load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
    if (load<u8>(packet) >> 4 != 6) continue;
    const bytes = <u32>bswap<u16>(load<u16>(packet, Wire.IP6_PAYLOAD_LENGTH)) + Wire.IP6_SIZE;
    if (bytes > frameBytes) continue;
    const protocolAndHops: u32 = load<u16>(packet, Wire.IP6_NEXT_HEADER);
    if (protocolAndHops < HOPS_LEFT) continue;
    const hash = hashTuple6(digestsAt(packet + Wire.IP6_SRC), load<u32>(packet, Wire.IP6_SIZE), protocolAndHops & 0xff);
    store<u64>(probe, hash, Probe.HASH);
    store<u32>(probe, <u32>bucketOf(hash), Probe.BUCKET);
    store<u32>(probe, <u32>packet, Probe.PACKET);
    store<u32>(probe, bytes, Probe.BYTES);
    Probe.setOther(found++, probe);
  }
  return found;
}

/** Finds the records of the `count` packets that hashGroup6() has found, and where their addresses stand. */
export function findGroup6(count: u32): void {
  let sum: u32 = 0;
  for (let n: u32 = 0; n < count; n++) sum ^= load<u32>(load<u32>(Probe.otherAt(n), Probe.BUCKET));
  for (let n: u32 = 0; n < count; n++) {
    const probe = Probe.otherAt(n);
    const half: usize = halfIn(load<u32>(probe, Probe.BUCKET), probe + Probe.HASH);
    store<u32>(probe, <u32>half, Probe.HALF);
    store<u32>(probe, half == nothing ? <u32>nothing : <u32>addressesOfHalf(half), Probe.ADDRESSES);
  }
  for (let n: u32 = 0; n < count; n++) {
    const probe = Probe.otherAt(n);
    const half: usize = load<u32>(probe, Probe.HALF);
    sum ^= load<u32>(half) ^ load<u32>(half, LINE) ^ load<u32>(load<u32>(probe, Probe.ADDRESSES));
  }
  touched = sum;
}

/** The packet's tuple is the one that stands in the half of a record and in `addresses`. */
export function isTupleOfPacket6(packet: usize, half: usize, addresses: usize): bool {
  const ports = load<u32>(half, Connection.SRC_PORT) ^ load<u32>(packet, Wire.IP6_SIZE);
  const src = (load<u64>(addresses) ^ load<u64>(packet, Wire.IP6_SRC)) | (load<u64>(addresses, 8) ^ load<u64>(packet, Wire.IP6_SRC + 8));
  const dst = (load<u64>(addresses, 16) ^ load<u64>(packet, Wire.IP6_DST)) | (load<u64>(addresses, 24) ^ load<u64>(packet, Wire.IP6_DST + 8));
  return (src | dst | ports) == 0;
}

/** Where the addresses stand that the other half of the same record has. */
export function otherAddresses(addresses: usize): usize {
  return addresses ^ PAIR;
}

/** The packet's tuple is the one of the half that was found for it. */
export function isTupleOfProbe6(probe: usize): bool {
  return isTupleOfPacket6(load<u32>(probe, Probe.PACKET), load<u32>(probe, Probe.HALF), load<u32>(probe, Probe.ADDRESSES));
}

/** What findAgain() of group.ts does for IPv4 packets. */
export function findAgain6(probe: usize): bool {
  const packet: usize = load<u32>(probe, Probe.PACKET);
  const addresses = packet + Wire.IP6_SRC;
  const protocol: u32 = load<u8>(packet, Wire.IP6_NEXT_HEADER);
  const found = findIndexed(load<u64>(probe, Probe.HASH), digestsAt(addresses), load<u32>(packet, Wire.IP6_SIZE), protocol, addresses);
  if (found == 0) return false;
  const half = halfOf(found & ~1, <u32>found & 1);
  store<u32>(probe, <u32>half, Probe.HALF);
  store<u32>(probe, <u32>addressesOfHalf(half), Probe.ADDRESSES);
  return true;
}
