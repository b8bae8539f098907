/**
 * The index from tuples to records (layout/index.ts): open addressing over buckets of one cache line. It holds only
 * confirmed connections, each once per direction.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Index from "../layout/index";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { directionOf, recordOf } from "./half";
import { addressesOf } from "./tuple";

/** Where the buckets begin and end, and how many they are: in memory, because a global takes one load more in V8. */
const index: usize = memory.data(16, 16);
const BEGIN: usize = 0; //  u32
const END: usize = 4; //    u32
const COUNT: usize = 8; //  u64
/** The lowest and the highest bit of each byte of a word, and the factor that brings the former together in its last byte. */
const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const TOP_BITS: u64 = 0x8080_8080_8080_8080;
const SIDE_BY_SIDE: u64 = 0x0102_0408_1020_4080;
/** The fingerprint that stands for 0, sixteen times. */
const ones: usize = memory.data<u64>([LOW_BITS, LOW_BITS], 16);

/** Carves an index for both directions of `capacity` connections. */
export function initBuckets(capacity: u32): bool {
  const buckets = (<u64>capacity * 2) / Index.ENTRIES_PER_BUCKET + 2;
  const bytes = buckets << Index.BUCKET_SIZE_LOG2;
  const begin = carve(bytes, true);
  if (begin == 0) return false;
  store<u32>(index, <u32>begin, BEGIN);
  store<u32>(index, <u32>(begin + <usize>bytes), END);
  store<u64>(index, buckets, COUNT);
  store<u32>(engine, <u32>begin, Engine.INDEX);
  return true;
}

/** The bucket that the search for a hash starts in. */
export function bucketOf(hash: u64): usize {
  const number = <usize>(((hash & 0xffffffff) * load<u64>(index, COUNT)) >> 32);
  return (number << Index.BUCKET_SIZE_LOG2) + load<u32>(index, BEGIN);
}

/** The bucket after the given one; the first comes after the last. */
export function bucketAfter(bucket: usize): usize {
  const next = bucket + Index.BUCKET_SIZE;
  return next == load<u32>(index, END) ? load<u32>(index, BEGIN) : next;
}

/** What stands for a hash in a bucket: never 0, which is a free slot. */
export function fingerprintOf(hash: u64): u32 {
  const print = <u32>(hash >> Index.FINGERPRINT_SHIFT);
  return print == 0 ? 1 : print;
}

/** Bits of the slots of a bucket that hold the fingerprint of the hash at an address. */
export function slotsOfHashAt(bucket: usize, hash: usize): u32 {
  if (ASC_FEATURE_SIMD) {
    const fingerprints = i8x16.max_u(v128.load_splat<u8>(hash, 7), v128.load(ones));
    return <u32>i8x16.bitmask(i8x16.eq(v128.load(bucket), fingerprints)) & Index.SLOTS_MASK;
  }
  return slotsOf(bucket, fingerprintOf(load<u64>(hash)));
}

/** Bits of the slots of a bucket that hold a fingerprint; of 0: of those that are free. */
export function slotsOf(bucket: usize, fingerprint: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    return <u32>i8x16.bitmask(i8x16.eq(v128.load(bucket), i8x16.splat(<i8>fingerprint))) & Index.SLOTS_MASK;
  }
  const fingerprints = <u64>fingerprint * LOW_BITS;
  const first = zeroBytes(load<u64>(bucket) ^ fingerprints);
  const second = zeroBytes(load<u64>(bucket, 8) ^ fingerprints);
  return (first | (second << 8)) & Index.SLOTS_MASK;
}

/** Bits of the bytes of a word that are zero: the top bits that neither are set nor become so with 127 added, side by side. */
function zeroBytes(word: u64): u32 {
  const tops = ~(((word & ~TOP_BITS) + ~TOP_BITS) | word) & TOP_BITS;
  return <u32>(((tops >> 7) * SIDE_BY_SIDE) >> 56);
}

/**
 * The record | direction of a tuple, or 0. `addresses` and `ports` as a record has them; `addresses6`: where the two
 * IPv6 addresses stand, 0 for IPv4. Expired connections are found as well.
 */
export function findIndexed(hash: u64, addresses: u64, ports: u32, protocol: u32, addresses6: usize): usize {
  const fingerprint = fingerprintOf(hash);
  let bucket = bucketOf(hash);
  while (true) {
    let slots = slotsOf(bucket, fingerprint);
    while (slots != 0) {
      const half: usize = load<u32>(bucket + (<usize>ctz(slots) << 2), Index.HALVES);
      if (isTupleOf(half, addresses, ports, protocol, addresses6)) return recordOf(half) | directionOf(half);
      slots &= slots - 1;
    }
    if (load<u32>(bucket, Index.OVERFLOW) == 0) return 0;
    bucket = bucketAfter(bucket);
  }
}

/** The direction's tuple of a record is the given one. */
function isTupleOf(half: usize, addresses: u64, ports: u32, protocol: u32, addresses6: usize): bool {
  if (load<u64>(half) != addresses || load<u32>(half, Connection.SRC_PORT) != ports) return false;
  const connection = recordOf(half);
  if (load<u8>(connection, Connection.PROTOCOL) != protocol) return false;
  if (addresses6 == 0) return load<u8>(connection, Connection.FAMILY) == 4;
  return load<u8>(connection, Connection.FAMILY) == 6 && memory.compare(addressesOf(connection, directionOf(half)), addresses6, 32) == 0;
}

/** Adds an entry. There is always room: the index is carved for twice the capacity. */
export function insertEntry(hash: u64, half: usize): void {
  let bucket = bucketOf(hash);
  let free = slotsOf(bucket, 0);
  while (free == 0) {
    store<u32>(bucket, load<u32>(bucket, Index.OVERFLOW) + 1, Index.OVERFLOW);
    bucket = bucketAfter(bucket);
    free = slotsOf(bucket, 0);
  }
  const slot = <usize>ctz(free);
  store<u8>(bucket + slot, fingerprintOf(hash));
  store<u32>(bucket + (slot << 2), <u32>half, Index.HALVES);
}

/** Takes out the entry that insertEntry() made; it must be there. */
export function removeEntry(hash: u64, half: usize): void {
  const fingerprint = fingerprintOf(hash);
  let bucket = bucketOf(hash);
  while (true) {
    let slots = slotsOf(bucket, fingerprint);
    while (slots != 0) {
      const slot = <usize>ctz(slots);
      if (load<u32>(bucket + (slot << 2), Index.HALVES) == half) {
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
