/**
 * Connections in classes, so that several engines can share a capture. A packet, its replies, the ICMP errors about
 * them, and all connections that could compete with theirs for a tuple are of one class:
 *
 * - Where one end is a server (a Service's port or an endpoint), it is the last bits of the other end's port, the
 *   client's. DNAT leaves that port alone, and a search for another port keeps its last bits (nat/port.ts).
 * - Where both are clients or both servers, it is the last bits of the sum of both ports; of an ICMP query, of its
 *   identifier.
 *
 * A class is computed from a tuple alone, so connections that could have the same tuple are of the same class, if only
 * both directions of each are: that is looked at when a connection is over (shard/check.ts).
 */

import * as Protocol from "../layout/protocol";
import * as Shard from "../layout/shard";
import { Tuple } from "../conntrack/tuple";
import { foldAddress, isServerPort, rankOf } from "./servers";

const CLASSES: u32 = 1 << Shard.CLASSES_LOG2;
/** The low byte of a port in network order is its high one. */
const LAST_BITS_SHIFT: u32 = 8;

/** A bit for each class of this shard's. */
let own: u64 = 0;

/** Gives the `index`-th of `count` shards its classes: neighbours, so that ports which are all even are shared, too. */
export function initClasses(count: u32, index: u32): void {
  own = 0;
  for (let which: u32 = 0; which < CLASSES; which++) {
    if ((which * count) >> Shard.CLASSES_LOG2 == index) own |= <u64>1 << which;
  }
}

/** 1: the class is this shard's. */
export function ownClass(which: u32): u32 {
  return <u32>(own >> which) & 1;
}

/** The class of a tuple and of its inversion. */
export function classOfTuple(tuple: Tuple): u32 {
  if (tuple.protocol == Protocol.ICMP || tuple.protocol == Protocol.ICMP6) return lastBits(tuple.srcPort);
  const src = foldAddress(tuple.srcLow, tuple.srcHigh);
  const dst = foldAddress(tuple.dstLow, tuple.dstHigh);
  return classOfEnds(src, tuple.srcPort, dst, tuple.dstPort, tuple.protocol);
}

/**
 * The same from folded addresses. Ports in network order. Mostly one port is a server's; which of the two cannot be
 * foretold, so no branch depends on it.
 */
export function classOfEnds(src: u32, srcPort: u32, dst: u32, dstPort: u32, protocol: u32): u32 {
  const bySrc = isServerPort(srcPort);
  const byDst = isServerPort(dstPort);
  const both = (lastBits(srcPort) + lastBits(dstPort)) & (CLASSES - 1);
  if ((bySrc | byDst) == 0) return both;
  if ((bySrc & byDst) != 0) return classOfServers(src, srcPort, dst, dstPort, protocol);
  const rank = rankOf(select(src, dst, bySrc), select(srcPort, dstPort, bySrc), protocol);
  return select(lastBits(select(dstPort, srcPort, bySrc)), both, rank != Shard.RANK_CLIENT);
}

function classOfServers(src: u32, srcPort: u32, dst: u32, dstPort: u32, protocol: u32): u32 {
  const srcRank = rankOf(src, srcPort, protocol);
  const dstRank = rankOf(dst, dstPort, protocol);
  if (srcRank == dstRank) return (lastBits(srcPort) + lastBits(dstPort)) & (CLASSES - 1);
  return lastBits(srcRank < dstRank ? srcPort : dstPort);
}

function lastBits(port: u32): u32 {
  return (port >> LAST_BITS_SHIFT) & (CLASSES - 1);
}
