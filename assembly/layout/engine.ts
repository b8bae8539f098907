/**
 * The engine's one visible structure: what the host sets before init(), where the regions lie after it, what both
 * read and write while packets flow, and all counters. engine() returns its address.
 */

/** Set by the host before init(). */
export const CONNECTIONS_MAX: u32 = 0; //  u32  capacity of the connection table
export const FLAGS: u32 = 4; //            u32  ENGINE_*
export const SEED: u32 = 8; //             u64  of the random generator and the hash keys
export const CHUNK_BYTES: u32 = 16; //     u32  capacity of the capture buffer
export const DESCRIPTORS_MAX: u32 = 20; // u32
export const OUTPUT_BYTES: u32 = 24; //    u32  capacity of the output buffer; at least OUTPUT_RESERVE × 2
export const ENDED_MAX: u32 = 28; //       u32  connections that may wait for the host to read them
export const DYNAMIC_MAX: u32 = 32; //     u32  elements of all dynamic sets together
export const FRAGMENT_BYTES: u32 = 36; //  u32  memory for fragments that wait
export const FOLLOW_MAX: u32 = 40; //      u32  outbound frames remembered for --follow; 0: none
export const OUTPUT_FORMAT: u32 = 44; //   u32  OUTPUT_*
export const TTL: u32 = 48; //             u32  of packets that the node makes
export const TCP_MAX_RETRANSMITS: u32 = 52; // u32
export const TRACE_BYTES: u32 = 60; //      u32  capacity of the trace buffer; 0: packets cannot be traced
export const TIMEOUT: u32 = 64; //         u32 × TIMEOUTS, seconds

/** Set by init(): addresses. */
export const CHUNK: u32 = 192;
export const DESCRIPTORS: u32 = 196;
export const OUTPUT: u32 = 200;
export const CONNECTIONS: u32 = 204;
export const ADDRESSES: u32 = 208;
export const INDEX: u32 = 212;
export const ENDED: u32 = 216; //          records of CONNECTION.SIZE bytes + 64 bytes of IPv6 addresses each
export const CAPTURE_INTERFACES: u32 = 220;
export const PROGRAM: u32 = 224; //        the active program; 0: none yet
export const MEMORY_END: u32 = 228;
export const TRACE: u32 = 232; //          records of layout/trace.ts
export const ZONES: u32 = 236; //          u16 for each record; see layout/connection.ts

/** Both read and write. */
export const CLOCK: u32 = 256; //          u32  milliseconds since EPOCH; never goes back
export const TRACE_USED: u32 = 260; //     u32  bytes in the trace buffer; the host sets 0 when it has read them
export const EPOCH: u32 = 264; //          u64  nanoseconds since 1970 of the first packet; 0: none yet
export const OUTPUT_USED: u32 = 272; //    u32  bytes in the output buffer; the host sets 0 when it has drained it
export const ENDED_COUNT: u32 = 276; //    u32  ended connections waiting; the host sets 0 when it has read them
export const WALK_COUNT: u32 = 280; //     u32  descriptors that walk() filled
export const WALK_STOP: u32 = 284; //      u32  WALK_*
export const CAPTURE_FORMAT: u32 = 288; // u32  CAPTURE_* of layout/capture.ts
export const CAPTURE_INTERFACE_COUNT: u32 = 292;
export const GENERATION: u32 = 300; //     u32  counts programs
export const OPEN: u32 = 304; //           u32  connections in the table
/** Set by the host before walk(), so that two captures can share the tables: first entry of the section's interfaces, */
export const CAPTURE_INTERFACE_FIRST: u32 = 308; // u32
export const WALK_FIRST: u32 = 312; //     u32  first descriptor to fill,
export const WALK_LIMIT: u32 = 316; //     u32  and how many at most

/** Counters: u64 each. */
export const COUNTERS: u32 = 320;
export const PACKETS: u32 = 320;
export const PACKET_BYTES: u32 = 328; //   of IP packets
export const VERDICTS: u32 = 336; //       × 8, by VERDICT_*
export const CREATED: u32 = 400;
export const EXPIRED: u32 = 408;
export const EVICTED: u32 = 416;
export const CLOSED: u32 = 424; //         ended before their time: RST without reply, reopened, cleaned up
export const INVALID: u32 = 432; //        packets that conntrack called invalid
export const INSERT_FAILED: u32 = 440; //  another connection had one of its tuples when it was to be entered
export const TABLE_FULL: u32 = 448;
export const BAD_CHECKSUM: u32 = 456; //   transport checksums that were wrong
export const ANSWERS: u32 = 464; //        packets that the node made
export const FAST_PACKETS: u32 = 472; //   packets that took the short way
export const FOLLOWED: u32 = 480; //       choices taken from the capture
export const NOT_ALLOWED: u32 = 488; //    choices that the capture shows and the rules do not allow
export const UNRESOLVED: u32 = 496; //     packets sent to a neighbour whose link address is not known
export const RULES_VISITED: u32 = 504; //  instructions evaluated
export const SETS_FULL: u32 = 512; //      elements that found no room in a dynamic set
export const ERRORS_COUNTED: u32 = 520; //  ICMP errors of types that are limited, sent or not
export const ERRORS_BEYOND_HOST: u32 = 528; // not sent: their host has had its share
export const ERRORS_BEYOND_ALL: u32 = 536; // not sent: all hosts together have
export const TRACE_LOST: u32 = 568; //     records that found no room in the trace buffer
export const REASONS: u32 = 576; //        × REASONS of layout/verdict.ts (96)

/** Set by the host: how often ICMP errors are sent, by family where there are two. */
export const ERROR_INTERVAL: u32 = 1344; // u32 × 2  milliseconds from one to the next to a host
export const ERROR_TYPES: u32 = 1352; //    u32 × 2  a bit for each type of ICMP that is limited
export const ERRORS_A_SECOND: u32 = 1360; // u32     to all hosts together,
export const ERRORS_AT_ONCE: u32 = 1364; //  u32     and so many at once
export const SIZE: u32 = 1408;

/** FLAGS */
export const ENGINE_FAST_PATH: u32 = 1;
export const ENGINE_EMIT: u32 = 2; //          forwarded packets go to the output buffer, too
export const ENGINE_FOLLOW: u32 = 4;
export const ENGINE_CHECKSUM: u32 = 8; //      nf_conntrack_checksum
export const ENGINE_TCP_LOOSE: u32 = 16;
export const ENGINE_TCP_BE_LIBERAL: u32 = 32;
export const ENGINE_TCP_IGNORE_INVALID_RST: u32 = 64;
export const ENGINE_IP6: u32 = 128; //         room for IPv6 connections is wanted
export const ENGINE_ENDED: u32 = 256; //       the host reads ended connections: wait when the queue is full

/**
 * What packets meet is recorded, as layout/trace.ts says. The host turns it on and off between two calls; while it is
 * on, no packet goes a short way.
 */
export const ENGINE_TRACE: u32 = 512;
/** This engine has a share of the captures' packets: layout/shard.ts. */
export const ENGINE_SHARD: u32 = 1024;

export const OUTPUT_NONE: u32 = 0; //     answers are dropped as well
export const OUTPUT_PCAPNG: u32 = 1; //   enhanced packet blocks, nanoseconds, interface id = the node's interface
export const OUTPUT_PCAP: u32 = 2; //     records of a nanosecond pcap file

/**
 * No packet causes more output than this: process() stops before a packet while less is free. The most is a datagram
 * of 65535 bytes in fragments of eight.
 */
export const OUTPUT_RESERVE: u32 = 1310720;

export const WALK_END: u32 = 0; //        the rest is an incomplete record
export const WALK_FULL: u32 = 1; //       all descriptors are in use
export const WALK_BLOCK: u32 = 2; //      a pcapng block for the host stands at the returned address
export const WALK_ERROR: u32 = 3; //      a record that cannot be: the rest is not walked
