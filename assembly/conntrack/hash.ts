/**
 * The keyed hash of tuples: NH, the universal hash of UMAC (RFC 4418), then one multiplication that spreads it. Who does
 * not know the keys cannot make two tuples collide with a chance above 2^-32. The keys come from the engine's seed.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { Tuple, familyOf } from "./tuple";
import { zoneOfConnection } from "./zones";

/** Four words for tuples and four for digests, in memory: a global takes one load more in V8. */
const keys: usize = memory.data(32, 16);
const KEYS: usize = 8;

/** Odd, half of its bits set: the multiplier of the splitting step. */
const SPREAD: u64 = 0x9fb21c651e98df25;
/** Tells the hash of an IPv6 tuple's digests from the hash of an IPv4 tuple. */
const IP6_MARK: u32 = 0x100;
/** A zone stands beside the protocol: zone 0 leaves the hash as it is. */
const ZONE_SHIFT: u32 = 16;

/** Draws the keys. */
export function initHash(): void {
  const seed = load<u64>(engine, Engine.SEED);
  for (let n: usize = 0; n < KEYS; n++) store<u32>(keys + (n << 2), keyOf(seed, n + 1));
}

/** Hash of an IPv4 tuple straight from a packet: src | dst << 32, src port | dst port << 16, all as loaded. */
export function hashTuple4(addresses: u64, ports: u32, protocol: u32): u64 {
  const a = <u64>(<u32>addresses + load<u32>(keys)) * <u64>(<u32>(addresses >> 32) + load<u32>(keys, 4));
  const b = <u64>(ports + load<u32>(keys, 8)) * <u64>(protocol + load<u32>(keys, 12));
  return spread(a + b);
}

/** Hash of an IPv6 tuple of which digestsAt() made `digests`. */
export function hashTuple6(digests: u64, ports: u32, protocol: u32): u64 {
  return hashTuple4(digests, ports, protocol | IP6_MARK);
}

export function hashOfTuple(tuple: Tuple): u64 {
  return hashOfKey(tuple, keyOfAddresses(tuple));
}

/** The same where keyOfAddresses() is known. */
export function hashOfKey(tuple: Tuple, addresses: u64): u64 {
  const mark = tuple.family == 4 ? 0 : IP6_MARK;
  return hashTuple4(addresses, portsOf(tuple), tuple.protocol | (<u32>tuple.zone << ZONE_SHIFT) | mark);
}

/** Both ports as a record has them. */
export function portsOf(tuple: Tuple): u32 {
  return tuple.srcPort | (tuple.dstPort << 16);
}

/** Hash of what all connections of one source have in common. */
export function hashOfSource(tuple: Tuple): u64 {
  const mark = tuple.family == 4 ? 0 : IP6_MARK;
  return hashTuple4(keyOfAddresses(tuple) & 0xffffffff, tuple.srcPort, tuple.protocol | mark);
}

/** The same of the original tuple in a record. */
export function hashOfConnectionSource(connection: usize): u64 {
  return hashTuple4(load<u32>(connection), load<u16>(connection, Connection.SRC_PORT), protocolOf(connection));
}

/** Hash of a direction's tuple in a record: the record keeps the digests of IPv6 addresses. */
export function hashOfConnection(connection: usize, direction: u32): u64 {
  const half = connection + (<usize>direction << Connection.TUPLE_LOG2);
  const zone = zoneOfConnection(connection, direction) << ZONE_SHIFT;
  return hashTuple4(load<u64>(half), load<u32>(half, Connection.SRC_PORT), protocolOf(connection) | zone);
}

/** The protocol as hashes take it, with the mark of IPv6. */
function protocolOf(connection: usize): u32 {
  return <u32>load<u8>(connection, Connection.PROTOCOL) | (familyOf(connection) == 4 ? 0 : IP6_MARK);
}

/** What the first eight bytes of a record's tuple hold: both IPv4 addresses, or the digests of both IPv6 addresses. */
export function keyOfAddresses(tuple: Tuple): u64 {
  if (tuple.family == 4) return (tuple.srcLow & 0xffffffff) | (tuple.dstLow << 32);
  return digestPair(tuple.srcLow, tuple.srcHigh, tuple.dstLow, tuple.dstHigh);
}

/** The same of IPv6 addresses that stand one behind the other: source, then destination. */
export function digestsAt(addresses: usize): u64 {
  return digestPair(load<u64>(addresses), load<u64>(addresses, 8), load<u64>(addresses, 16), load<u64>(addresses, 24));
}

/** Digests of two IPv6 addresses: source in the low half, destination in the high half. */
export function digestPair(srcLow: u64, srcHigh: u64, dstLow: u64, dstHigh: u64): u64 {
  return (digest(srcLow, srcHigh) & 0xffffffff) | (digest(dstLow, dstHigh) << 32);
}

/** Digest of an IPv6 address. */
export function digest(low: u64, high: u64): u64 {
  const a = <u64>(<u32>low + load<u32>(keys, 16)) * <u64>(<u32>(low >> 32) + load<u32>(keys, 20));
  const b = <u64>(<u32>high + load<u32>(keys, 24)) * <u64>(<u32>(high >> 32) + load<u32>(keys, 28));
  return spread(a + b);
}

function spread(h: u64): u64 {
  h ^= h >> 32;
  h *= SPREAD;
  return h ^ (h >> 32);
}

/** SplitMix64's output function: the n-th key of a seed. */
function keyOf(seed: u64, n: u64): u32 {
  let z = seed + n * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return <u32>(z ^ (z >> 31));
}
