/**
 * What group.ts does for IPv4 packets, for the IPv6 packets of a group: those without extension headers are looked for. Their
 * addresses stand in a table of their own, of which the connections' lines are loaded together, too.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Wire from "../layout/wire";
import { bucketOf, findIndexed } from "../conntrack/buckets";
import { digestsAt, hashTuple6 } from "../conntrack/hash";
import { directionOf, halfOf, recordOf } from "../conntrack/half";
import { addressesOf } from "../conntrack/tuple";
import { LINK_BYTES_MAX, nothing } from "./group";
import * as Probe from "./probe";

const VERSION_MASK: u32 = 0xf0;
const VERSION: u32 = 0x60;
/** The next header and, above it, the hop limit, when there is a hop left. */
const HOPS_LEFT: u32 = 0x200;
if (Wire.IP6_HOP_LIMIT != Wire.IP6_NEXT_HEADER + 1) ERROR("the hop limit is not behind the next header");

/** Both addresses of a half stand side by side, the other half's at the other side of a line. */
const PAIR: usize = 1 << Connection.ADDRESSES_TUPLE_LOG2;

/** Keeps the early loads alive. */
let touched: u32 = 0;

/** Notes of the IPv6 packets of a group what hashGroup() has noted of the others. Returns how many there are. */
export function hashGroup6(descriptor: usize, size: u32): u32 {
  const end = Probe.probeAt(size);
  let found: u32 = 0;
  for (let probe = Probe.probeAt(0); probe < end; probe += Probe.SIZE, descriptor += Descriptor.SIZE) {
    const linkBytes = load<u32>(descriptor, Descriptor.LINK_BYTES);
    if (linkBytes > LINK_BYTES_MAX) continue;
    const frameBytes = load<u32>(descriptor, Descriptor.FRAME_BYTES) - linkBytes;
    if (<i32>frameBytes < <i32>(Wire.IP6_SIZE + Wire.UDP_SIZE)) continue;
    const packet: usize = load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
    if ((<u32>load<u8>(packet) & VERSION_MASK) != VERSION) continue;
    const bytes = <u32>bswap<u16>(load<u16>(packet, Wire.IP6_PAYLOAD_LENGTH)) + Wire.IP6_SIZE;
    if (bytes > frameBytes) continue;
    const protocolAndHops: u32 = load<u16>(packet, Wire.IP6_NEXT_HEADER);
    if (protocolAndHops < HOPS_LEFT) continue;
    const hash = hashTuple6(digestsAt(packet + Wire.IP6_SRC), load<u32>(packet, Wire.IP6_SIZE), protocolAndHops & 0xff);
    store<u64>(probe, hash, Probe.HASH);
    store<u32>(probe, <u32>bucketOf(hash), Probe.BUCKET);
    store<u32>(probe, <u32>packet, Probe.PACKET);
    store<u32>(probe, bytes, Probe.BYTES);
    found++;
  }
  return found;
}

/** Notes where the addresses of the IPv6 packets' connections stand, and loads their lines. */
export function touchAddresses(size: u32): void {
  const end = Probe.probeAt(size);
  let sum: u32 = 0;
  for (let probe = Probe.probeAt(0); probe < end; probe += Probe.SIZE) {
    if (!Probe.isIp6(probe)) continue;
    const addresses = addressesOfHalf(load<u32>(probe, Probe.HALF));
    store<u32>(probe, <u32>addresses, Probe.ADDRESSES);
    sum ^= load<u32>(addresses);
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

/** What isFound() of group.ts says of IPv4 packets. */
export function isFound6(probe: usize): bool {
  return isTupleOfPacket6(load<u32>(probe, Probe.PACKET), load<u32>(probe, Probe.HALF), load<u32>(probe, Probe.ADDRESSES)) || findAgain(probe);
}

function findAgain(probe: usize): bool {
  const packet: usize = load<u32>(probe, Probe.PACKET);
  const addresses = packet + Wire.IP6_SRC;
  const protocol: u32 = load<u8>(packet, Wire.IP6_NEXT_HEADER);
  const found = findIndexed(load<u64>(probe, Probe.HASH), digestsAt(addresses), load<u32>(packet, Wire.IP6_SIZE), protocol, addresses);
  if (found == 0) return false;
  const half = halfOf(found & ~1, <u32>found & 1);
  store<u32>(probe, <u32>half, Probe.HALF);
  store<u32>(probe, <u32>addressesOfHalf(half), Probe.ADDRESSES);
  store<u32>(probe, Probe.UNCHECKED, Probe.WANTED + 4);
  return true;
}

/** What a probe names that has found nothing stands for its addresses, too. */
function addressesOfHalf(half: usize): usize {
  return half == nothing ? nothing : addressesOf(recordOf(half), directionOf(half));
}
