/** An outbound frame of the capture that --follow remembers: 64 bytes. Addresses and ports are in network order. */

export const SIZE: u32 = 64;
export const SIZE_LOG2: u32 = 6;

export const NEXT: u32 = 0; //       u32  number of the entry before it in its bucket, from 1; 0: none
export const KEY: u32 = 8; //        u32  digest of what every fragment of the packet's start shows
export const DIGEST: u32 = 12; //    u32  digest of all that NAT does not change
export const TIME: u32 = 16; //      u64  nanoseconds since 1970
export const SRC_PORT: u32 = 24; //  u16  ICMP: the identifier
export const DST_PORT: u32 = 26; //  u16
export const PROTOCOL: u32 = 28; //  u8
export const FAMILY: u32 = 29; //    u8   4 or 6
export const TAKEN: u32 = 30; //     u8   1: a connection has followed it
export const SRC: u32 = 32; //       16 bytes (IPv4: the first four, then zeros)
export const DST: u32 = 48; //       16 bytes
