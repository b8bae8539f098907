/**
 * Where the fields of the headers on the wire lie. Multi-byte fields are in network order there.
 *
 * IPv4 (RFC 791)                                      IPv6 (RFC 8200)
 *  0 version│ihl   1 tos       2 total length          0 version│class│flow label
 *  4 id            6 flags│fragment offset             4 payload length  6 next header  7 hop limit
 *  8 ttl           9 protocol 10 checksum              8 src  … 23
 * 12 src          16 dst      20 options              24 dst  … 39
 */

export const IP4_SIZE: u32 = 20;
export const IP4_VERSION: u32 = 0; //        u8   version << 4 | header length in words
export const IP4_TOS: u32 = 1; //            u8
export const IP4_TOTAL_LENGTH: u32 = 2; //   u16
export const IP4_ID: u32 = 4; //             u16
export const IP4_FRAGMENT: u32 = 6; //       u16  IP4_DONT_FRAGMENT, IP4_MORE_FRAGMENTS, offset in units of eight bytes
export const IP4_TTL: u32 = 8; //            u8
export const IP4_PROTOCOL: u32 = 9; //       u8
export const IP4_CHECKSUM: u32 = 10; //      u16
export const IP4_SRC: u32 = 12; //           u32
export const IP4_DST: u32 = 16; //           u32
export const IP4_OPTIONS: u32 = 20;

/** RFC 791 3.2: what every host takes whole; hardly a link takes less. */
export const IP4_MTU_MIN: u32 = 576;

/** Bits of IP4_FRAGMENT in the machine's order. */
export const IP4_DONT_FRAGMENT: u32 = 0x4000;
export const IP4_MORE_FRAGMENTS: u32 = 0x2000;
export const IP4_OFFSET_MASK: u32 = 0x1fff;

export const IP6_SIZE: u32 = 40;
export const IP6_VERSION: u32 = 0; //        u32  version << 28 | traffic class << 20 | flow label
export const IP6_PAYLOAD_LENGTH: u32 = 4; // u16
export const IP6_NEXT_HEADER: u32 = 6; //    u8
export const IP6_HOP_LIMIT: u32 = 7; //      u8
export const IP6_SRC: u32 = 8; //            16 bytes
export const IP6_DST: u32 = 24; //           16 bytes

/** Every extension header but AH's length: units of eight bytes behind the first eight. */
export const EXTENSION_NEXT: u32 = 0; //     u8
export const EXTENSION_LENGTH: u32 = 1; //   u8
export const EXTENSION_SIZE: u32 = 8;
export const FRAGMENT6_OFFSET: u32 = 2; //   u16  offset in bytes, the low three bits cleared; bit 0: more follow
export const FRAGMENT6_ID: u32 = 4; //       u32
export const FRAGMENT6_SIZE: u32 = 8;
export const FRAGMENT6_MORE: u32 = 1;
export const FRAGMENT6_OFFSET_MASK: u32 = 0xfff8;

/** TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260): the ports come first in all three. */
export const SRC_PORT: u32 = 0; //           u16
export const DST_PORT: u32 = 2; //           u16
export const PORTS_SIZE: u32 = 4;

export const TCP_SIZE: u32 = 20;
export const TCP_SEQUENCE: u32 = 4; //       u32
export const TCP_ACKNOWLEDGED: u32 = 8; //   u32
export const TCP_DATA_OFFSET: u32 = 12; //   u8   header length in words << 4
export const TCP_FLAGS: u32 = 13; //         u8   TCP_FIN …
export const TCP_WINDOW: u32 = 14; //        u16
export const TCP_CHECKSUM: u32 = 16; //      u16
export const TCP_URGENT: u32 = 18; //        u16
export const TCP_OPTIONS: u32 = 20;

export const TCP_FIN: u32 = 0x01;
export const TCP_SYN: u32 = 0x02;
export const TCP_RST: u32 = 0x04;
export const TCP_PSH: u32 = 0x08;
export const TCP_ACK: u32 = 0x10;
export const TCP_URG: u32 = 0x20;
export const TCP_ECE: u32 = 0x40;
export const TCP_CWR: u32 = 0x80;

export const TCP_OPTION_END: u32 = 0;
export const TCP_OPTION_NOP: u32 = 1;
export const TCP_OPTION_MSS: u32 = 2;
export const TCP_OPTION_SCALE: u32 = 3;
export const TCP_OPTION_SACK_PERMITTED: u32 = 4;
export const TCP_OPTION_SACK: u32 = 5;
export const TCP_OPTION_TIMESTAMP: u32 = 8;
/** NOP, NOP, TIMESTAMP of ten bytes, as a little-endian word: the options that nearly every segment has. */
export const TCP_ONLY_TIMESTAMP: u32 = 0x0a080101;
export const TCP_ONLY_TIMESTAMP_SIZE: u32 = 12;

export const UDP_SIZE: u32 = 8;
export const UDP_LENGTH: u32 = 4; //         u16  header included
export const UDP_CHECKSUM: u32 = 6; //       u16  0: none

/** ICMP (RFC 792) and ICMPv6 (RFC 4443). */
export const ICMP_SIZE: u32 = 8;
export const ICMP_TYPE: u32 = 0; //          u8
export const ICMP_CODE: u32 = 1; //          u8
export const ICMP_CHECKSUM: u32 = 2; //      u16
export const ICMP_ID: u32 = 4; //            u16  of queries
export const ICMP_REST: u32 = 4; //          u32  of errors: MTU, pointer, gateway
export const ICMP_SEQUENCE: u32 = 6; //      u16
export const ICMP_QUOTE: u32 = 8; //         of errors: the packet that caused it, from its IP header on

export const ICMP4_ECHO_REPLY: u32 = 0;
export const ICMP4_UNREACHABLE: u32 = 3;
export const ICMP4_SOURCE_QUENCH: u32 = 4;
export const ICMP4_REDIRECT: u32 = 5;
export const ICMP4_ECHO: u32 = 8;
export const ICMP4_TIME_EXCEEDED: u32 = 11;
export const ICMP4_PARAMETER_PROBLEM: u32 = 12;
export const ICMP4_TIMESTAMP: u32 = 13;
export const ICMP4_TIMESTAMP_REPLY: u32 = 14;
export const ICMP4_INFORMATION: u32 = 15;
export const ICMP4_INFORMATION_REPLY: u32 = 16;
export const ICMP4_ADDRESS_MASK: u32 = 17;
export const ICMP4_ADDRESS_MASK_REPLY: u32 = 18;

export const ICMP6_UNREACHABLE: u32 = 1;
export const ICMP6_TOO_BIG: u32 = 2;
export const ICMP6_TIME_EXCEEDED: u32 = 3;
export const ICMP6_PARAMETER_PROBLEM: u32 = 4;
/** The first type that is no error. */
export const ICMP6_INFORMATIONAL: u32 = 128;
export const ICMP6_ECHO: u32 = 128;
export const ICMP6_ECHO_REPLY: u32 = 129;
export const ICMP6_LISTENER_QUERY: u32 = 130;
export const ICMP6_NEIGHBOUR_ADVERTISEMENT: u32 = 136;
export const ICMP6_NODE_QUERY: u32 = 139;
export const ICMP6_NODE_REPLY: u32 = 140;
export const ICMP6_LISTENER_REPORT2: u32 = 143;
export const ICMP6_MULTICAST_ROUTER: u32 = 151;
export const ICMP6_MULTICAST_ROUTER_SOLICITATION: u32 = 152;

export const SCTP_SIZE: u32 = 12;
export const SCTP_TAG: u32 = 4; //           u32  verification tag
export const SCTP_CHECKSUM: u32 = 8; //      u32  CRC32c, little-endian
export const SCTP_CHUNKS: u32 = 12;
export const CHUNK_SIZE: u32 = 4;
export const CHUNK_TYPE: u32 = 0; //         u8   CHUNK_*
export const CHUNK_FLAGS: u32 = 1; //        u8
export const CHUNK_LENGTH: u32 = 2; //       u16  its header included, padding not
/** INIT and INIT ACK: the tag that the receiver shall use. */
export const CHUNK_INIT_TAG: u32 = 4; //     u32
export const CHUNK_INIT_SIZE: u32 = 20;
/** ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own, reflected. */
export const CHUNK_TAG_REFLECTED: u32 = 1;

export const CHUNK_DATA: u32 = 0;
export const CHUNK_INIT: u32 = 1;
export const CHUNK_INIT_ACK: u32 = 2;
export const CHUNK_HEARTBEAT: u32 = 4;
export const CHUNK_HEARTBEAT_ACK: u32 = 5;
export const CHUNK_ABORT: u32 = 6;
export const CHUNK_SHUTDOWN: u32 = 7;
export const CHUNK_SHUTDOWN_ACK: u32 = 8;
export const CHUNK_ERROR: u32 = 9;
export const CHUNK_COOKIE_ECHO: u32 = 10;
export const CHUNK_COOKIE_ACK: u32 = 11;
export const CHUNK_SHUTDOWN_COMPLETE: u32 = 14;

/** GRE (RFC 2784) and its PPTP variant (RFC 2637). */
export const GRE_SIZE: u32 = 4;
export const GRE_VERSION: u32 = 1; //        u8   low three bits
export const GRE_PROTOCOL: u32 = 2; //       u16
export const GRE_CALL_ID: u32 = 6; //        u16  version 1
export const GRE_PPTP_SIZE: u32 = 8;
/** Protocol type 0x880b, as loaded. */
export const GRE_PPP: u32 = 0x0b88;
