/**
 * The program: one relocatable image that src/program/ builds and the engine runs. All offsets count from the image's
 * first byte; all structures are aligned to their largest field. Addresses and ports are in network order wherever a
 * packet's bytes are compared with them, everything else is in the machine's order.
 */

export const MAGIC_VALUE: u32 = 0x31637573; // "suc1"

/** The header. */
export const MAGIC: u32 = 0; //           u32
export const BYTES: u32 = 4; //           u32  of the whole image
export const FLAGS: u32 = 8; //           u32  PROGRAM_*
export const HOOKS: u32 = 16; //          u32 × 10: offset of the hook list of [family][hook]; IPv4's five first
export const ROUTES4: u32 = 56; //        u32  root of the route trie
export const ROUTES6: u32 = 60; //        u32
export const INTERFACES: u32 = 64; //     u32  array of interfaces
export const INTERFACE_COUNT: u32 = 68;
export const ADJACENCIES: u32 = 72; //    u32  array of adjacencies
export const ADJACENCY_COUNT: u32 = 76;
export const NEIGHBOURS4: u32 = 80; //    u32  hash set: address, interface → adjacency index
export const NEIGHBOURS6: u32 = 84; //    u32  the same for IPv6
export const SOCKETS: u32 = 88; //        u32  hash set of (protocol u32, port u32 in network order) that listen; 0: none
export const DYNAMIC_SETS: u32 = 92; //   u32  array of u32: offset of the dynamic set of each id; 0: it has none
export const DYNAMIC_SET_COUNT: u32 = 96;
export const RECENT_LISTS: u32 = 100; //  u32  array of lists of recent addresses, by their ids
export const RECENT_LIST_COUNT: u32 = 104;
export const HEADER_BYTES: u32 = 128;

/** PROGRAM_*: TRACK: conntrack hooks are registered (some rule of the family needs them), as in nf_ct_netns_get. */
export const PROGRAM_TRACK4: u32 = 1;
export const PROGRAM_TRACK6: u32 = 2;
export const PROGRAM_NAT4: u32 = 4;
export const PROGRAM_NAT6: u32 = 8;
/** No node stands behind the program: packets pass as over a bridge with br_netfilter, without routing or TTL. */
export const PROGRAM_WIRE: u32 = 16;
/** ip_forward and net.ipv6.conf.all.forwarding. */
export const PROGRAM_FORWARD4: u32 = 32;
export const PROGRAM_FORWARD6: u32 = 64;
/** Link addresses are known: frames to other MACs are dropped and outgoing frames get new link headers. */
export const PROGRAM_LINK_ADDRESSES: u32 = 128;

export const HOOK_PREROUTING: u32 = 0;
export const HOOK_INPUT: u32 = 1;
export const HOOK_FORWARD: u32 = 2;
export const HOOK_OUTPUT: u32 = 3;
export const HOOK_POSTROUTING: u32 = 4;
export const HOOKS_PER_FAMILY: u32 = 5;

/** A hook list: its header, then STEP_COUNT steps in the order of their priorities. */
export const STEP_COUNT: u32 = 0; //      u32
export const HOOK_FLAGS: u32 = 4; //      u32  HOOK_*
export const STEPS: u32 = 8;
/** Every filter chain here lets a packet of an established connection pass and does nothing else to it. */
export const HOOK_ESTABLISHED_FREE: u32 = 1;
/** The same of packets of new connections: of first ones, and of those that follow before there is an answer. */
export const HOOK_NEW_FREE: u32 = 2;
/**
 * Whether the filter chains here let a packet of an unanswered connection pass depends on nothing but what all of them have
 * in common that come in by the same interface, but for the first; and what they do to it is forgotten behind the hooks.
 */
export const HOOK_NEW_STEADY: u32 = 4;

export const STEP_SIZE: u32 = 16;
export const STEP_KIND: u32 = 0; //       u8   STEP_*
export const STEP_POLICY: u32 = 1; //     u8   ACCEPT or DROP of base chains
export const STEP_CHAIN: u32 = 4; //      u32  STEP_FILTER: first instruction. STEP_NAT: the list of nat chains
export const STEP_PRIORITY: u32 = 8; //   i32

export const STEP_DEFRAGMENT: u32 = 1;
export const STEP_TRACK: u32 = 2;
export const STEP_FILTER: u32 = 3;
export const STEP_NAT: u32 = 4;
export const STEP_CONFIRM: u32 = 5;

/** A list of nat chains: u32 count, then for each u32 offset of the first instruction and u32 policy. */
export const NAT_CHAIN_COUNT: u32 = 0;
export const NAT_CHAINS: u32 = 4;
export const NAT_CHAIN_SIZE: u32 = 8;

/** A set or map: its header, elsewhere its elements. */
export const SET_SIZE: u32 = 32;
export const SET_KIND: u32 = 0; //        u8   SET_*
export const SET_KEY_BYTES: u32 = 1; //   u8   a multiple of four, at most KEY_BYTES_MAX
export const SET_VALUE_BYTES: u32 = 2; // u8   0, 8 for verdicts, or the bytes of a value, a multiple of four
export const SET_TWIN_BYTES: u32 = 3; //  u8   SET_HASH: so many bytes begin every key and stand there once more; 0: not in all
export const SET_COUNT: u32 = 4; //       u32  elements
export const SET_MASK: u32 = 8; //        u32  SET_HASH: slots − 1, a power of two less one
export const SET_ELEMENTS: u32 = 12; //   u32  offset
export const SET_STRIDE: u32 = 16; //     u32  bytes from one element to the next
export const SET_ID: u32 = 20; //         u32  SET_DYNAMIC: the same number for the same set over all programs
export const SET_DEFAULT: u32 = 20; //    u32  others: offset of the value of all keys that have no element; 0: none
export const SET_TIMEOUT: u32 = 24; //    u32  SET_DYNAMIC: milliseconds, 0 for ever
export const SET_LIMIT: u32 = 28; //      u32  SET_DYNAMIC: elements at most
export const KEY_BYTES_MAX: u32 = 64;
/** A dynamic set's element fills one cache line. */
export const DYNAMIC_KEY_BYTES_MAX: u32 = 48;

/**
 * HASH: open addressing, linear probing from slot hash & MASK; at least one slot is free. An element: u32 tag (the
 * key's hash, never 0; 0: free slot), key, value. The hash is hashKey() of rules/hash.ts and src/program/hash.ts.
 */
export const SET_HASH: u32 = 0;
/** ARRAY: the key is an index in the machine's order, 0 … COUNT − 1; an element is its value. */
export const SET_ARRAY: u32 = 1;
/** INTERVAL: sorted, disjoint: key low, key high, value; compared like memcmp. */
export const SET_INTERVAL: u32 = 2;
/**
 * DYNAMIC: elements live in the engine and outlive the program. At ELEMENTS stand MASK of them that the set has at
 * first, STRIDE bytes each: its timeout in milliseconds (u32; 0: the set's), key, value.
 */
export const SET_DYNAMIC: u32 = 3;
export const INITIAL_KEY: u32 = 4;
/**
 * FIELDS: concatenations with intervals, sorted by the lowest values of their first field: the highest value that the
 * first field has here or before, lowest values of all fields, highest values, value. MASK has two bits for each field,
 * from the lowest on: its words less one.
 */
export const SET_FIELDS: u32 = 4;

/**
 * A list of recent addresses (xt_recent): its header. The addresses live in the engine and outlive the program; a list
 * has the same id, which is its place in the array, over all programs.
 */
export const LIST_SIZE: u32 = 32;
export const LIST_IS_USED: u32 = 0; //    u16  1; 0: no rule of the program names a list of this id
export const LIST_HITS: u32 = 2; //       u16  the most hits that a rule asks of an address; 0: none asks
export const LIST_COUNT: u32 = 4; //      u32  addresses
export const LIST_OLDEST: u32 = 8; //     u32  number of the address seen longest ago; 0: none
export const LIST_NEWEST: u32 = 12; //    u32
export const LIST_MASK: u32 = 16; //      the bits of addresses that count, of IPv4's in the first four bytes
export const LIST_HITS_MAX: u32 = 255;

/** A verdict as a value: u32 OP_ACCEPT … OP_GOTO or OP_CONTINUE, u32 offset of the chain. */
export const VERDICT_VALUE_BYTES: u32 = 8;

/**
 * The route trie: nodes of 256 u32, one address byte a level. An entry is 0 (no route), the offset of a route, or the
 * offset of the next node with bit 0 set.
 */
export const TRIE_NODE_SIZE: u32 = 1024;

export const ROUTE_SIZE: u32 = 64;
export const ROUTE_TYPE: u32 = 0; //      u8   ROUTE_*: rtnetlink's RTN_*
export const ROUTE_SCOPE: u32 = 1; //     u8
export const ROUTE_INTERFACE: u32 = 2; // u16
export const ROUTE_ADJACENCY: u32 = 4; // u16  or NO_ADJACENCY: on-link, ask NEIGHBOURS for the destination
export const ROUTE_FLAGS: u32 = 6; //     u16  ROUTE_HAS_*
export const ROUTE_MTU: u32 = 8; //       u32  the interface's, or the route's own
export const ROUTE_GATEWAY: u32 = 16; //  16 bytes (IPv4: the first four)
export const ROUTE_SOURCE: u32 = 32; //   16 bytes: source of the node's own packets (prefsrc, or inet_select_addr)
export const ROUTE_MASQUERADE: u32 = 48; // 16 bytes: inet_select_addr(interface, nexthop, universe)

export const ROUTE_UNICAST: u32 = 1;
export const ROUTE_LOCAL: u32 = 2;
export const ROUTE_BROADCAST: u32 = 3;
export const ROUTE_ANYCAST: u32 = 4;
export const ROUTE_MULTICAST: u32 = 5;
export const ROUTE_BLACKHOLE: u32 = 6;
export const ROUTE_UNREACHABLE: u32 = 7;
export const ROUTE_PROHIBIT: u32 = 8;

export const ROUTE_HAS_GATEWAY: u32 = 1;
export const ROUTE_HAS_SOURCE: u32 = 2;
export const ROUTE_HAS_MASQUERADE: u32 = 4;

/** Where a packet goes on a link. */
export const ADJACENCY_SIZE: u32 = 32;
export const ADJACENCY_INTERFACE: u32 = 0; // u16
export const ADJACENCY_FLAGS: u32 = 2; //     u16  ADJACENCY_*
export const ADJACENCY_MTU: u32 = 4; //       u32
export const ADJACENCY_DST_MAC: u32 = 8; //   6 bytes, then
export const ADJACENCY_SRC_MAC: u32 = 14; //  6 bytes: a ready Ethernet header but for the type
/** The neighbour's link address is known. */
export const ADJACENCY_RESOLVED: u32 = 1;
/** The link has no addresses we know of: the frame keeps its link header. */
export const ADJACENCY_KEEP_LINK: u32 = 2;
export const NO_ADJACENCY: u32 = 0xffff;

export const INTERFACE_SIZE: u32 = 64;
export const INTERFACE_FLAGS: u32 = 0; //     u32  INTERFACE_*
export const INTERFACE_MTU: u32 = 4; //       u32
export const INTERFACE_INDEX: u32 = 8; //     u32  the kernel's ifindex
export const INTERFACE_LINK_TYPE: u32 = 12; // u16 LINKTYPE_* of what is written for it
export const INTERFACE_ADJACENCY: u32 = 14; // u16 for on-link destinations without a known neighbour
export const INTERFACE_MAC: u32 = 16; //      6 bytes
export const INTERFACE_ADDRESS4: u32 = 24; // 4 bytes: the first primary address; 0: none
export const INTERFACE_ADDRESS6: u32 = 32; // 16 bytes: the first global address; 0: none
export const INTERFACE_MASTER: u32 = 48; //   u16  the bridge it belongs to, or NO_INTERFACE
export const INTERFACE_LOOPBACK: u32 = 1;
export const INTERFACE_HAS_MAC: u32 = 2;
export const INTERFACE_ROUTE_LOCALNET: u32 = 4;
export const INTERFACE_SEND_REDIRECTS: u32 = 8;
export const INTERFACE_NO_ARP: u32 = 16; //   tun and the like: raw IP
