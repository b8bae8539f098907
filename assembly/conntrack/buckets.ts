/**
 * The index from tuples to records (layout/index.ts): open addressing over buckets of one cache line. It holds only
 * confirmed connections, each once per direction.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Index from "../layout/index";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { addressesOf } from "./tuple";

let buckets: usize = 0;
let bucketsEnd: usize = 0;
let bucketCount: u64 = 0;

/** Carves an index for both directions of `capacity` connections. */
export function initBuckets(capacity: u32): bool {
  bucketCount = (<u64>capacity * 2) / Index.ENTRIES_PER_BUCKET + 2;
  const bytes = bucketCount << Index.BUCKET_SIZE_LOG2;
  buckets = carve(bytes, true);
  if (buckets == 0) return false;
  bucketsEnd = buckets + <usize>bytes;
  store<u32>(engine, <u32>buckets, Engine.INDEX);
  return true;
}

/** The bucket that the search for a hash starts in. */
export function bucketOf(hash: u64): usize {
  return buckets + (<usize>(((hash & 0xffffffff) * bucketCount) >> 32) << Index.BUCKET_SIZE_LOG2);
}

/** The bucket after the given one; the first comes after the last. */
export function bucketAfter(bucket: usize): usize {
  const next = bucket + Index.BUCKET_SIZE;
  return next == bucketsEnd ? buckets : next;
}

/** What stands for a hash in a bucket: never 0, which is a free slot. */
export function fingerprintOf(hash: u64): u32 {
  const print = <u32>(hash >> Index.FINGERPRINT_SHIFT);
  return print == 0 ? 1 : print;
}

/** Bits of the slots of a bucket that hold a fingerprint. */
export function matchingSlots(bucket: usize, fingerprint: u32): u32 {
  return <u32>i8x16.bitmask(i8x16.eq(v128.load(bucket), i8x16.splat(<i8>fingerprint))) & Index.SLOTS_MASK;
}

/**
 * The record | direction of a tuple, or 0. `addresses` and `ports` as a record has them; `addresses6`: where the two
 * IPv6 addresses stand, 0 for IPv4. Expired connections are found as well.
 */
export function findIndexed(hash: u64, addresses: u64, ports: u32, protocol: u32, addresses6: usize): usize {
  const connections: usize = load<u32>(engine, Engine.CONNECTIONS);
  const fingerprint = fingerprintOf(hash);
  let bucket = bucketOf(hash);
  while (true) {
    let slots = matchingSlots(bucket, fingerprint);
    while (slots != 0) {
      const value = load<u32>(bucket + (<usize>ctz(slots) << 2), Index.VALUES);
      const connection = connections + (<usize>(value >> 1) << Connection.SIZE_LOG2);
      if (isTupleOf(connection, value & 1, addresses, ports, protocol, addresses6)) return connection | (value & 1);
      slots &= slots - 1;
    }
    if (load<u32>(bucket, Index.OVERFLOW) == 0) return 0;
    bucket = bucketAfter(bucket);
  }
}

/** The direction's tuple of a record is the given one. */
function isTupleOf(connection: usize, direction: u32, addresses: u64, ports: u32, protocol: u32, addresses6: usize): bool {
  const half = connection + (<usize>direction << Connection.TUPLE_LOG2);
  if (load<u64>(half) != addresses || load<u32>(half, Connection.SRC_PORT) != ports) return false;
  if (load<u8>(connection, Connection.PROTOCOL) != protocol) return false;
  if (addresses6 == 0) return load<u8>(connection, Connection.FAMILY) == 4;
  return load<u8>(connection, Connection.FAMILY) == 6 && memory.compare(addressesOf(connection, direction), addresses6, 32) == 0;
}

/** Adds an entry. There is always room: the index is carved for twice the capacity. */
export function insertEntry(hash: u64, value: u32): void {
  let bucket = bucketOf(hash);
  let free = matchingSlots(bucket, 0);
  while (free == 0) {
    store<u32>(bucket, load<u32>(bucket, Index.OVERFLOW) + 1, Index.OVERFLOW);
    bucket = bucketAfter(bucket);
    free = matchingSlots(bucket, 0);
  }
  const slot = <usize>ctz(free);
  store<u8>(bucket + slot, fingerprintOf(hash));
  store<u32>(bucket + (slot << 2), value, Index.VALUES);
}

/** Takes out the entry that insertEntry() made; it must be there. */
export function removeEntry(hash: u64, value: u32): void {
  const fingerprint = fingerprintOf(hash);
  let bucket = bucketOf(hash);
  while (true) {
    let slots = matchingSlots(bucket, fingerprint);
    while (slots != 0) {
      const slot = <usize>ctz(slots);
      if (load<u32>(bucket + (slot << 2), Index.VALUES) == value) {
        store<u8>(bucket + slot, 0);
        return;
      }
      slots &= slots - 1;
    }
    const overflow = load<u32>(bucket, Index.OVERFLOW);
    assert(overflow != 0, "the entry to remove is not in the index");
    store<u32>(bucket, overflow - 1, Index.OVERFLOW);
    bucket = bucketAfter(bucket);
  }
}
