/**
 * What a rule can ask for: of a packet (LOAD_META), of its route (LOAD_ROUTE), of its connection (LOAD_CT, LOAD_CT_TUPLE,
 * LOAD_CT_COUNT), and of the routing tables (LOAD_FIB). The instructions are in layout/instructions.ts.
 */

export const META_MARK: u32 = 0;
export const META_PROTOCOL: u32 = 1; //       transport protocol, u8
export const META_FAMILY: u32 = 2; //         NFPROTO_IPV4 2 or NFPROTO_IPV6 10, u8
export const META_LENGTH: u32 = 3;
export const META_IN: u32 = 4; //             index of the interface in the program plus one; 0: none
export const META_OUT: u32 = 5;
export const META_PACKET_TYPE: u32 = 6; //    u8, PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3
export const META_ETHER_TYPE: u32 = 7; //     u16 in network order
export const META_RANDOM: u32 = 8;
export const META_DAY: u32 = 9; //            u8, Sunday 0
export const META_HOUR: u32 = 10; //          seconds since midnight, UTC
export const META_TIME: u32 = 11; //          nanoseconds since 1970, u64 in network order
export const META_IN_TYPE: u32 = 12; //       ARPHRD_*, u16 in the machine's order; no interface: no match
export const META_OUT_TYPE: u32 = 13;
/** Of a socket, which packets from the wire do not have: no match. */
export const META_SOCKET: u32 = 14;

export const ROUTE_KEY_MTU: u32 = 0; //       the largest segment that fits both ways (nft_rt: tcpmss), in the machine's order
export const ROUTE_KEY_NEXT_HOP: u32 = 1; //  address

export const CT_KEY_STATE: u32 = 0; //        bits: 1 << CT_* of layout/state.ts
export const CT_KEY_STATUS: u32 = 1; //       STATUS_* bits
export const CT_KEY_MARK: u32 = 2;
export const CT_KEY_DIRECTION: u32 = 3;
/** The state with xt_conntrack's bits of translated connections; there without a connection, too. */
export const CT_KEY_STATE_AND_NAT: u32 = 4;
export const CT_KEY_EXPIRATION: u32 = 5; //   milliseconds
export const CT_KEY_PROTOCOL: u32 = 6; //     u8
export const CT_KEY_FAMILY: u32 = 7; //       as META_FAMILY
export const CT_KEY_ZONE: u32 = 8; //         u16 in the machine's order
export const CT_TUPLE_SRC: u32 = 0;
export const CT_TUPLE_DST: u32 = 1;
export const CT_TUPLE_SRC_PORT: u32 = 2;
export const CT_TUPLE_DST_PORT: u32 = 3;
export const CT_COUNT_PACKETS: u32 = 0;
export const CT_COUNT_BYTES: u32 = 1;
export const CT_COUNT_AVERAGE: u32 = 2; //    bytes a packet
export const CT_BOTH_DIRECTIONS: u32 = 2;
export const STATE_SRC_NAT: u32 = 1 << 6;
export const STATE_DST_NAT: u32 = 1 << 7;

export const FIB_SOURCE: u32 = 1;
export const FIB_DESTINATION: u32 = 2;
export const FIB_IN: u32 = 4;
export const FIB_OUT: u32 = 8;
export const FIB_TYPE: u32 = 0;
export const FIB_INTERFACE: u32 = 1;
