/**
 * Replays on several threads: each has an engine of its own, a shard, which takes the packets of its classes and passes
 * over all others. shard/classes.ts says what a class is. shard/index.ts is the engine that can be one.
 */

/** How many classes there are, however many shards share them. */
export const CLASSES_LOG2: u32 = 6;

/** What addServers() reads: where a server listens, that is the virtual address of a Service or an endpoint. */
export const SERVER_ADDRESS: u32 = 0; //   16 bytes (IPv4: the first four)
export const SERVER_PORT: u32 = 16; //     u16  network order
export const SERVER_PROTOCOL: u32 = 18; // u8
export const SERVER_FAMILY: u32 = 19; //   u8   4 or 6
export const SERVER_RANK: u32 = 20; //     u8   RANK_*
export const SERVER_SIZE: u32 = 24;

/** Who of two ends is the client: the one of the lower rank. */
export const RANK_CLIENT: u32 = 0;
export const RANK_NODE: u32 = 1; //    listens at an address of the node's, from whose ports it masquerades, too
export const RANK_SERVER: u32 = 2;

/** What obstacles() returns: what happened in a shard that the others would have to know of, one bit each. */
export const OBSTACLE_FRAGMENT: u32 = 1; //  fragments: which connection they belong to is not seen
export const OBSTACLE_CLASS: u32 = 2; //     a connection's replies belong to another class
export const OBSTACLE_TIME: u32 = 4; //      packets stand out of the order of their times

/** What indexOutput() writes for each packet that caused output. */
export const OUTPUT_ORDINAL: u32 = 0; //   u32  the packet's number among all of the captures
export const OUTPUT_END: u32 = 4; //       u32  where its output ends, counted from the first output of all
export const OUTPUT_ENTRY_SIZE: u32 = 8;

/** What interleave() merges: the output of one shard. */
export const PART_ENTRY: u32 = 0; //       u32  address of the next entry, moves on
export const PART_ENTRIES_END: u32 = 4; // u32
export const PART_RECORDS: u32 = 8; //     u32  address of the bytes that the next entry begins with, moves on
export const PART_BASE: u32 = 12; //       u32  address that OUTPUT_END counts from
export const PART_SIZE: u32 = 16;
