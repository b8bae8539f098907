/** What the capture walker knows of the interfaces of a capture: 32 bytes each, filled in by the host. */

export const INTERFACE_SIZE: u32 = 32;
export const INTERFACE_LINK_TYPE: u32 = 0; //     u16  LINKTYPE_*
export const INTERFACE_NODE: u32 = 2; //          u16  the node's interface, or NO_INTERFACE
export const INTERFACE_FLAGS: u32 = 4; //         u16  CAPTURE_INTERFACE_*
export const INTERFACE_SNAPLEN: u32 = 8; //       u32  0: no limit
export const INTERFACE_UNITS: u32 = 16; //        u64  time units in a second
export const INTERFACE_OFFSET: u32 = 24; //       i64  seconds to add (if_tsoffset)
export const INTERFACES_MAX: u32 = 1024;

/** All its packets come from the node itself (--from-host). */
export const CAPTURE_INTERFACE_FROM_HOST: u32 = 1;

/** CAPTURE_FORMAT: how the bytes in the chunk are to be read. Bit 0: the file's byte order is not the machine's. */
export const CAPTURE_PCAP: u32 = 0;
export const CAPTURE_PCAPNG: u32 = 2;
export const CAPTURE_MODIFIED_PCAP: u32 = 4; //   Kuznetzov's: records of 24 bytes
export const CAPTURE_SWAPPED: u32 = 1;
