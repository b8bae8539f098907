/**
 * The index of the connection table: 64-byte buckets, one cache line each, that lead from a tuple's hash to its record.
 *
 *      0                12         16                                             64
 *      ├─ 12 × u8 ───────┼─ u32 ────┼─ 12 × u32 ──────────────────────────────────┤
 *      │  fingerprints   │ overflow │  addresses of records' halves               │
 *
 * A fingerprint of 0 marks a free slot. An entry that finds its bucket full goes to the next one and adds one to the
 * overflow count of each bucket that it passes; a search goes on only while that count is not 0.
 */

export const BUCKET_SIZE: u32 = 64;
export const BUCKET_SIZE_LOG2: u32 = 6;
export const SLOTS: u32 = 12;
/** The lanes of a 16-byte compare that are fingerprints. */
export const SLOTS_MASK: u32 = 0xfff;

export const FINGERPRINTS: u32 = 0; //  u8 × 12
export const OVERFLOW: u32 = 12; //     u32
export const HALVES: u32 = 16; //       u32 × 12

/** A hash is 64 bits: the low half scaled to the number of buckets is the bucket, the top byte the fingerprint. */
export const FINGERPRINT_SHIFT: u32 = 56;

/** Buckets are 7/12 full when the table is: entries of both directions for each seven slots one bucket. */
export const ENTRIES_PER_BUCKET: u32 = 7;
