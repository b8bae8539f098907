/**
 * A tracked connection: 128 bytes, two cache lines. What there is for each direction stands 16 bytes apart, so that a
 * direction's half of the record is one address. Addresses and ports are in network order, all else in the machine's.
 *
 *       0        4        8    10   12       16                                32                48
 *       ├────────┼────────┼────┼────┼────────┼─────────────────────────────────┼─────────────────┼──────────────┤
 *       │src addr│dst addr│sprt│dprt│max. ack│ the same of REPLY               │ window          │ of REPLY     │
 *       └── ORIGINAL ───────────────────────── ───────────────────────────────── ──────────────────────────────
 *      64                 80       88      92   94  96               112     116    120            124
 *       ├─────────────────┼────────┼───────┼────┼───┼────────────────┼───────┼──────┼───┼───┼──────┼────┼────┼───┤
 *       │ last segment    │ bytes  │packets│way │sum│ of REPLY       │expires│ mark │pro│st.│status│gen.│fast│fam│
 *       └─────────────────────── ORIGINAL ─────────────────────────────────────────────────────────────────────┘
 *
 * An IPv6 connection has its four addresses in the engine's address table, at the same index (see ADDRESSES_*);
 * the address fields here hold a 32-bit digest of each then, so that a comparison fails early.
 */

export const SIZE: u32 = 128;
export const SIZE_LOG2: u32 = 7;

/** Direction d's tuple starts at d << TUPLE_LOG2. A tuple is what a packet of that direction looks like on arrival. */
export const ORIGINAL: u32 = 0;
export const REPLY: u32 = 16;
export const TUPLE_LOG2: u32 = 4;
export const SRC_ADDR: u32 = 0; //        u32
export const DST_ADDR: u32 = 4; //        u32
export const SRC_PORT: u32 = 8; //        u16  ICMP: the identifier, in both directions
export const DST_PORT: u32 = 10; //       u16  ICMP: type in the low byte, code in the high byte

/** The same distance lies between the two directions' fields of one name. */
export const DIRECTION_LOG2: u32 = 4;
export const MAX_ACK: u32 = 12; //        u32  by direction: td_maxack

/** Direction d's TCP window starts at WINDOW + (d << WINDOW_LOG2). SCTP keeps its verification tags in END. */
export const WINDOW: u32 = 32;
export const WINDOW_LOG2: u32 = 4;
export const END: u32 = 0; //             u32  td_end: highest seq + len sent
export const MAX_END: u32 = 4; //         u32  td_maxend: highest ack + window the other side allowed
export const MAX_WINDOW: u32 = 8; //      u32  td_maxwin
export const SCALE: u32 = 12; //          u8   td_scale
export const WINDOW_FLAGS: u32 = 13; //   u8   WINDOW_* below

/** Bytes 46, 47, 62 and 63 are the unused ends of the two windows. */
export const RETRANSMITS: u32 = 46; //    u8
export const LAST_SCALE: u32 = 47; //     u8   window scale of an ignored SYN
export const LAST_FLAGS: u32 = 62; //     u8   window flags of an ignored SYN
export const ORIGIN: u32 = 63; //         u8   ORIGIN_*

export const LAST_SEQ: u32 = 64; //       u32
export const CREATED_AT: u32 = 64; //     u32  not TCP: milliseconds on the engine's clock; two seconds later UDP is a stream
export const LAST_ACK: u32 = 68; //       u32
export const LAST_END: u32 = 72; //       u32
export const LAST_WINDOW: u32 = 76; //    u16
export const LAST_INDEX: u32 = 78; //     u8   kind of the last segment, see TCP_SYN… in layout/state.ts
export const LAST_DIRECTION: u32 = 79; // u8
export const BYTES: u32 = 80; //          u64  by direction: IP lengths
export const PACKETS: u32 = 88; //        u32  by direction
export const ADJACENCY: u32 = 92; //      u16  by direction: cached way out, index of an adjacency in the program
export const ADDRESS_SUM: u32 = 94; //    u16  what NAT of ORIGINAL adds to a sum over its addresses, once a way is cached
export const TUPLE_SUM: u32 = 110; //     u16  the same for addresses and ports; of REPLY both are the complements
export const EXPIRES_AT: u32 = 112; //    u32  milliseconds on the engine's clock
export const MARK: u32 = 116; //          u32  connmark
export const PROTOCOL: u32 = 120; //      u8   IP protocol number
export const STATE: u32 = 121; //         u8   TCP_* or SCTP_* of layout/state.ts
export const STATUS: u32 = 122; //        u16  STATUS_*; 0 marks a free record
export const GENERATION: u32 = 124; //    u16  of the program that ADJACENCY and FAST belong to
export const FAST: u32 = 126; //          u8   FAST_* bits: directions whose packets need no rule
export const FAMILY: u32 = 127; //        u8   4 or 6; ZONED_* bits above it
export const FAMILY_MASK: u32 = 0x0f;
/** The direction is of the connection's zone, which stands in the table of zones; without the bit it is of zone 0. */
export const ZONED_ORIGINAL: u32 = 0x10;
export const ZONED_REPLY: u32 = 0x20;

/** IPv6 addresses of a connection: 64 bytes at index × 64 in the address table, each 16 bytes in network order. */
export const ADDRESSES_SIZE_LOG2: u32 = 6;
export const ADDRESSES_TUPLE_LOG2: u32 = 5; // direction d's pair starts at d << 5: src, then dst at +16

/** STATUS: the kernel's IPS_* bits as far as they fit 16 bits; LIVE is ours and marks a record in use. */
export const STATUS_EXPECTED: u32 = 1 << 0;
export const STATUS_SEEN_REPLY: u32 = 1 << 1;
export const STATUS_ASSURED: u32 = 1 << 2;
export const STATUS_CONFIRMED: u32 = 1 << 3;
export const STATUS_SRC_NAT: u32 = 1 << 4;
export const STATUS_DST_NAT: u32 = 1 << 5;
export const STATUS_SEQ_ADJUST: u32 = 1 << 6;
export const STATUS_SRC_NAT_DONE: u32 = 1 << 7;
export const STATUS_DST_NAT_DONE: u32 = 1 << 8;
export const STATUS_DYING: u32 = 1 << 9;
export const STATUS_FIXED_TIMEOUT: u32 = 1 << 10;
export const STATUS_NAT_CLASH: u32 = 1 << 12;
export const STATUS_LIVE: u32 = 1 << 15;

/** WINDOW_FLAGS: IP_CT_TCP_FLAG_*. */
export const WINDOW_SCALING: u32 = 0x01;
export const WINDOW_SACK: u32 = 0x02;
export const WINDOW_CLOSE_INIT: u32 = 0x04;
export const WINDOW_BE_LIBERAL: u32 = 0x08;
export const WINDOW_DATA_UNACKNOWLEDGED: u32 = 0x10;
export const WINDOW_MAX_ACK_SET: u32 = 0x20;
export const WINDOW_CHALLENGE_ACK: u32 = 0x40;
export const WINDOW_SIMULTANEOUS_OPEN: u32 = 0x80;

/** FAST: bit d says that packets of direction d, once established, meet no rule that could stop or change them. */
export const FAST_ORIGINAL: u32 = 1;
export const FAST_REPLY: u32 = 2;
/**
 * The same of ORIGINAL's packets while there is no answer, if they come in by the interface that is noted: until there is
 * one, REPLY has no way.
 */
export const FAST_UNANSWERED: u32 = 4;
export const IN_INTERFACE: u32 = 108; //  u16  index of an interface, in the place of REPLY's ADJACENCY

/** ORIGIN: where the connection's first packet came from. */
export const ORIGIN_WIRE: u32 = 0;
export const ORIGIN_NODE: u32 = 1;
/** Seen only on its way out of the node: see follow/adopt.ts. */
export const ORIGIN_ADOPTED: u32 = 2;
