/**
 * Captures as the walker sees them: the interfaces that the host has read from the file's headers, and the two record
 * formats. pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng.
 */

/** What the walker knows of an interface of a capture: 32 bytes each, filled in by the host. */
export const INTERFACE_SIZE: u32 = 32;
export const INTERFACE_SIZE_LOG2: u32 = 5;
export const INTERFACE_LINK_TYPE: u32 = 0; //     u16  LINKTYPE_*
export const INTERFACE_NODE: u32 = 2; //          u16  the node's interface, or NO_INTERFACE
export const INTERFACE_FLAGS: u32 = 4; //         u16  CAPTURE_INTERFACE_*
export const INTERFACE_OUTPUT: u32 = 6; //        u16  its number in what is written, where no node stands in the way
export const INTERFACE_SNAPLEN: u32 = 8; //       u32  0: no limit
export const INTERFACE_UNITS: u32 = 16; //        u64  time units in a second: a power of ten or of two
export const INTERFACE_OFFSET: u32 = 24; //       i64  seconds to add (if_tsoffset)
export const INTERFACES_MAX: u32 = 1024;

/** All its packets come from the node itself (--from-host). */
export const CAPTURE_INTERFACE_FROM_HOST: u32 = 1;

/** CAPTURE_FORMAT: how the bytes in the chunk are to be read. Bit 0: the file's byte order is not the machine's. */
export const CAPTURE_PCAP: u32 = 0;
export const CAPTURE_PCAPNG: u32 = 2;
export const CAPTURE_MODIFIED_PCAP: u32 = 4; //   Kuznetzov's: records of 24 bytes
export const CAPTURE_OLD_PCAP: u32 = 8; //        before version 2.4 the two lengths may stand the other way round
export const CAPTURE_SWAPPED: u32 = 1;

/** No frame is longer (MAXIMUM_SNAPLEN of libpcap), no block either (MAX_BLOCKSIZE): beyond it a length is damage. */
export const FRAME_BYTES_MAX: u32 = 262144;
export const BLOCK_BYTES_MAX: u32 = 16777216;

/**
 * A record of a pcap file: 16 bytes, then the frame. Kuznetzov's has eight bytes more, which nobody needs.
 *
 *      0         4            8             12           16
 *      ├─────────┼────────────┼─────────────┼────────────┤ frame
 *      │ seconds │  fraction  │ frame bytes │ wire bytes │
 */
export const RECORD_SECONDS: u32 = 0; //          u32
export const RECORD_FRACTION: u32 = 4; //         u32  micro- or nanoseconds
export const RECORD_FRAME_BYTES: u32 = 8; //      u32
export const RECORD_WIRE_BYTES: u32 = 12; //      u32
export const RECORD_SIZE: u32 = 16;
export const MODIFIED_RECORD_SIZE: u32 = 24;

/** A block of a pcapng file: type, length of the whole block, body, the length once more. */
export const BLOCK_TYPE: u32 = 0; //              u32
export const BLOCK_BYTES: u32 = 4; //             u32  a multiple of four
export const BLOCK_BODY: u32 = 8;
export const BLOCK_BYTES_MIN: u32 = 12;

/** Block types. */
export const SECTION_HEADER: u32 = 0x0a0d0d0a; //  a palindrome: the same in both byte orders
export const INTERFACE_DESCRIPTION: u32 = 1;
export const OLD_PACKET: u32 = 2;
export const SIMPLE_PACKET: u32 = 3;
export const ENHANCED_PACKET: u32 = 6;

/** An enhanced packet block; the obsolete packet block differs only in its u16 interface followed by u16 drops. */
export const PACKET_INTERFACE: u32 = 8; //        u32
export const PACKET_TIME_HIGH: u32 = 12; //       u32
export const PACKET_TIME_LOW: u32 = 16; //        u32
export const PACKET_FRAME_BYTES: u32 = 20; //     u32
export const PACKET_WIRE_BYTES: u32 = 24; //      u32
export const PACKET_FRAME: u32 = 28; //           the frame, padded to four bytes, then options
export const PACKET_BYTES_MIN: u32 = 32;

/** A simple packet block: no time, always the section's first interface. */
export const SIMPLE_WIRE_BYTES: u32 = 8; //       u32
export const SIMPLE_FRAME: u32 = 12;
export const SIMPLE_BYTES_MIN: u32 = 16;

/** Options: u16 code, u16 bytes, value padded to four bytes. */
export const OPTION_CODE: u32 = 0;
export const OPTION_BYTES: u32 = 2;
export const OPTION_VALUE: u32 = 4;
export const OPTION_END: u32 = 0;
export const OPTION_PACKET_FLAGS: u32 = 2; //     epb_flags and pack_flags: u32
/** epb_flags: bits 0–1 direction, bits 2–4 reception type. */
export const DIRECTION_MASK: u32 = 3;
export const DIRECTION_OUTBOUND: u32 = 2;
export const RECEPTION_SHIFT: u32 = 2;
export const RECEPTION_MASK: u32 = 7;
export const RECEPTION_MULTICAST: u32 = 2;
export const RECEPTION_BROADCAST: u32 = 3;
export const RECEPTION_PROMISCUOUS: u32 = 4;

/** What the writer puts behind a frame: epb_flags, the end of the options, the block's length once more. */
export const PACKET_TAIL: u32 = 16;
