/**
 * The instructions that a program's chains consist of (layout/program.ts holds what is around them): offsets count from
 * the program's first byte, addresses and ports are in network order, everything else is in the machine's order.
 */

/**
 * An instruction: 16 bytes. A rule is a run of instructions; one that does not match jumps to FAIL, the first
 * instruction of the next rule. A chain ends with CHAIN_END.
 */
export const INSTRUCTION_SIZE: u32 = 16;
export const OP: u32 = 0; //              u8   OP_*
export const REGISTER: u32 = 1; //        u8   byte offset in the register file
export const LENGTH: u32 = 2; //          u8   bytes
export const OPTIONS: u32 = 3; //         u8   see each operation
export const X: u32 = 4; //               u32
export const Y: u32 = 8; //               u32
export const FAIL: u32 = 12; //           u32  offset of the next rule

/** Registers: 128 bytes. Loads shorter than four bytes clear the rest of their four. */
export const REGISTERS_BYTES: u32 = 128;

/** LOAD_NETWORK, LOAD_TRANSPORT: LENGTH bytes at X of the header → REGISTER; no such bytes: no match. */
export const OP_LOAD_NETWORK: u32 = 1;
export const OP_LOAD_TRANSPORT: u32 = 2;
/** LOAD_META: X = META_* → REGISTER (4 bytes). LOAD_CT: X = CT_KEY_*; without a connection only the state is known. */
export const OP_LOAD_META: u32 = 3;
export const OP_LOAD_CT: u32 = 4;
/** LOAD_FIB: OPTIONS = FIB_* bits, X = FIB_TYPE or FIB_INTERFACE → REGISTER. */
export const OP_LOAD_FIB: u32 = 5;
/** LOAD_NUMBER: X = modulus, Y = offset added, OPTIONS = NUMBER_*. It always matches: FAIL holds INCREMENTAL's last number. */
export const OP_LOAD_NUMBER: u32 = 6;
/** LOAD_VALUE: X → REGISTER (4 bytes). LOAD_BYTES: LENGTH bytes at program offset Y → REGISTER. */
export const OP_LOAD_VALUE: u32 = 7;
export const OP_LOAD_BYTES: u32 = 8;
/** BITWISE: register = (register & X) ^ Y, four bytes. BITWISE_BYTES: mask at X, xor at Y, LENGTH bytes. */
export const OP_BITWISE: u32 = 9;
export const OP_BITWISE_BYTES: u32 = 10;
/** SWAP: reverses a register's four bytes, so that numbers in the machine's order can be compared as memcmp compares. */
export const OP_SWAP: u32 = 33;
/** COMPARE: register ⋄ X as bytes of four, OPTIONS = COMPARE_*. COMPARE_BYTES: LENGTH bytes at Y. Order is memcmp's. */
export const OP_COMPARE: u32 = 11;
export const OP_COMPARE_BYTES: u32 = 12;
/** RANGE: LENGTH bytes between those at X and those at Y, both included; OPTIONS 1: outside. */
export const OP_RANGE: u32 = 13;
/** LOOKUP: set at X holds the LENGTH bytes at REGISTER; OPTIONS 1: must not. */
export const OP_LOOKUP: u32 = 14;
/** MAP: value of the key at REGISTER in the map at X → register Y. No element: no match. */
export const OP_MAP: u32 = 15;
/** VERDICT_MAP: verdict of the key at REGISTER in the map at X. No element: no match. */
export const OP_VERDICT_MAP: u32 = 16;
/**
 * UPDATE_SET: key at REGISTER into the dynamic set at X; OPTIONS = UPDATE_*; Y = its timeout in milliseconds, 0: the
 * set's. A full set: no match.
 */
export const OP_UPDATE_SET: u32 = 17;
/**
 * STORE_META: register → the packet's mark. STORE_CT: X = CT_KEY_MARK: → the connection's mark; CT_KEY_ZONE: → the packet's
 * zone, for the directions whose bits Y has.
 */
export const OP_STORE_META: u32 = 18;
export const OP_STORE_CT: u32 = 19;
/** SNAT, DNAT: OPTIONS = NAT_* bits; X = registers: address low | address high << 8 | port low << 16 | port high << 24. */
export const OP_SNAT: u32 = 20;
export const OP_DNAT: u32 = 21;
/** MASQUERADE, REDIRECT: OPTIONS = NAT_* bits; X as above (ports only). */
export const OP_MASQUERADE: u32 = 22;
export const OP_REDIRECT: u32 = 23;
/** REJECT: X = ICMP type | code << 8, or REJECT_TCP_RESET. */
export const OP_REJECT: u32 = 24;
/** COUNTER: packets u64 and bytes u64 at program offset X; OPTIONS = STATE_OF_ELEMENT or STATE_AT_REGISTER. */
export const OP_COUNTER: u32 = 25;
export const OP_NOTRACK: u32 = 26;
/** Verdicts. JUMP, GOTO: X = offset of the chain. */
export const OP_ACCEPT: u32 = 27;
export const OP_DROP: u32 = 28;
export const OP_RETURN: u32 = 29;
export const OP_JUMP: u32 = 30;
export const OP_GOTO: u32 = 31;
export const OP_CHAIN_END: u32 = 32;
/** A verdict of maps only: the rule goes on. */
export const OP_CONTINUE: u32 = 46;

/** STATISTIC: the low 31 bits of a random number are below X. */
export const OP_STATISTIC: u32 = 34;
/**
 * RECENT: the packet's address in the list at X; OPTIONS = RECENT_*; Y = how long ago at most, milliseconds, 0: any time;
 * LENGTH = how often at least, 0: once.
 */
export const OP_RECENT: u32 = 35;
/** XOR: register = register ^ register Y, four bytes. */
export const OP_XOR: u32 = 61;
/** ADD: a register in the machine's order and the signed X, but not below 0 or above Y. */
export const OP_ADD: u32 = 62;
/**
 * SEARCH: the packet has the LENGTH bytes at Y, all of them between the byte X & 0xffff and the one before X >> 16;
 * OPTIONS = SEARCH_*.
 */
export const OP_SEARCH: u32 = 63;
/**
 * WORDS: each test of the table at X holds; OPTIONS 1: not each. The table is u32: the count of tests; of each test the
 * counts of its steps and its ranges, the steps (WORDS_*, number) and the ranges (lowest, highest).
 */
export const OP_WORDS: u32 = 64;
/** MONTH_DAY: the bit of X has the day of the month, from 1, that it was Y seconds before the packet's time, UTC. */
export const OP_MONTH_DAY: u32 = 65;
/** NEVER: no match. It leads from one place of a rule to another. */
export const OP_NEVER: u32 = 60;

/** FIELD: the LENGTH bytes at REGISTER, 1 to 4, as a number → (number >> X) & Y, in OPTIONS bytes; 0: in the machine's order. */
export const OP_FIELD: u32 = 36;
/** SHIFT: a register in the machine's order by X bits, to the left; OPTIONS 1: to the right. */
export const OP_SHIFT: u32 = 37;
/** LOAD_EXTENSION: LENGTH bytes at X of the IPv6 extension header of type Y; OPTIONS 1: a byte, whether it is there. */
export const OP_LOAD_EXTENSION: u32 = 38;
/** LOAD_OPTION: the same of the option of kind Y of TCP; LOAD_IP_OPTION: of IPv4. */
export const OP_LOAD_OPTION: u32 = 39;
export const OP_LOAD_IP_OPTION: u32 = 40;
/** LOAD_ROUTE: X = ROUTE_KEY_* of the packet's route → REGISTER. Without a route: no match. */
export const OP_LOAD_ROUTE: u32 = 41;
/** HASH: jhash of the LENGTH bytes at REGISTER with seed Y, scaled to X values → register OPTIONS. FAIL holds what is added. */
export const OP_HASH: u32 = 42;
/** LOAD_CT_TUPLE: X = CT_TUPLE_* of the connection's direction Y, LENGTH bytes → REGISTER. */
export const OP_LOAD_CT_TUPLE: u32 = 43;
/** LOAD_CT_COUNT: X = CT_COUNT_* of the connection's direction Y, 2: of both → REGISTER, 8 bytes in network order. */
export const OP_LOAD_CT_COUNT: u32 = 44;
/** LOAD_LINK: LENGTH bytes at X of the Ethernet header; no such header: no match. */
export const OP_LOAD_LINK: u32 = 45;
/** STORE_BYTES: the LENGTH bytes at REGISTER → the header at X; OPTIONS = STORE_*. No such bytes: no match. */
export const OP_STORE_BYTES: u32 = 47;
/** STORE_BITS: the number at REGISTER, of the bits Y, into LENGTH bytes at X; OPTIONS = STORE_* | shift << 3. */
export const OP_STORE_BITS: u32 = 48;
/** STORE_OPTION: LENGTH bytes, 2 or 4, at REGISTER → X of the TCP option of kind Y. CLEAR_OPTION: it becomes padding. */
export const OP_STORE_OPTION: u32 = 49;
export const OP_CLEAR_OPTION: u32 = 50;
/** LIMIT, QUOTA: state at program offset X, form (LIMIT_*; a quota's bytes, u64) at Y; OPTIONS = STATE_* and LIMIT_BYTES. */
export const OP_LIMIT: u32 = 51;
export const OP_QUOTA: u32 = 52;
/**
 * CONNECTIONS: notes the packet's connection; no more than the u64 at Y are noted. OPTIONS = STATE_*,
 * CONNECTIONS_OF_ADDRESS; the state at X.
 */
export const OP_CONNECTIONS: u32 = 66;
/** A verdict: the packet goes to a program of user space. */
export const OP_QUEUE: u32 = 53;
/** SERVICE: a verdict, by what the packet is for the Services; no match else. ENDPOINT: translates to one. See layout/service.ts. */
export const OP_SERVICE: u32 = 70;
export const OP_ENDPOINT: u32 = 71;

/**
 * Operations of runs, behind all others: a run's instructions are carried out at once, if nobody watches. Only the OP of
 * the first one says so, in whose RUN_FIRST bits its own operation is left: each instruction can still be carried out alone.
 * RUN_TEST: a load of a word and COMPARE for (in)equality. RUN_MASKED: with BITWISE between them. RUN_KEY: loads of words.
 * RUN_TUPLE: the end of most keys of Services: an address, the protocol and a port, 12 bytes of registers.
 */
export const RUN_FIRST: u32 = 7;
export const RUN_TEST: u32 = 128;
export const RUN_MASKED: u32 = 136;
export const RUN_KEY: u32 = 144;
export const RUN_TUPLE: u32 = 152;
export const RUNS_END: u32 = 160;

/** It matches where the bytes are not; letters of either case are the same. */
export const SEARCH_INVERT: u32 = 1;
export const SEARCH_IGNORE_CASE: u32 = 2;
/** The steps of a test: take the word at a number; bits of it; the word at a number behind where the value leads. */
export const WORDS_LOAD: u32 = 0;
export const WORDS_AND: u32 = 1;
export const WORDS_LEFT: u32 = 2;
export const WORDS_RIGHT: u32 = 3;
export const WORDS_AT: u32 = 4;

/** STORE_*: the offset counts from the transport header; its own checksum is updated, or that of what it carries. */
export const STORE_TRANSPORT: u32 = 1;
export const STORE_SUM: u32 = 2;
export const STORE_PSEUDO: u32 = 4;

/** OPTIONS of what keeps a state, and of COUNTER: X counts from the element that was found last; X is a register's value. */
export const STATE_OF_ELEMENT: u32 = 128;
export const STATE_AT_REGISTER: u32 = 64;
/** It matches beyond the limit or quota. */
export const STATE_OVER: u32 = 1;
export const LIMIT_BYTES: u32 = 2;
/** The form of a limit: what can be saved up, nanoseconds; RATE packets or bytes in PERIOD nanoseconds. */
export const LIMIT_FULL: u32 = 0; //          u64
export const LIMIT_PERIOD: u32 = 8; //        u64
export const LIMIT_RATE: u32 = 16; //         u64
export const LIMIT_STATE_BYTES: u32 = 16;
export const QUOTA_STATE_BYTES: u32 = 8;
export const COUNTER_BYTES: u32 = 16;
/** As connlimit counts: the first packet of an address is noted whatever it is, and dropped if nothing is. */
export const CONNECTIONS_OF_ADDRESS: u32 = 2;
/** The state of CONNECTIONS: a list of slots, from 1, in which connections are noted; what is of another program is none. */
export const CONNECTIONS_FIRST: u32 = 0; //      u32
export const CONNECTIONS_LAST: u32 = 4; //       u32
export const CONNECTIONS_COUNT: u32 = 8; //      u32
export const CONNECTIONS_GENERATION: u32 = 12; // u32
export const CONNECTIONS_STATE_BYTES: u32 = 16;

export const NUMBER_RANDOM: u32 = 0;
export const NUMBER_INCREMENTAL: u32 = 1;

export const COMPARE_EQUAL: u32 = 0;
export const COMPARE_NOT_EQUAL: u32 = 1;
export const COMPARE_LESS: u32 = 2;
export const COMPARE_LESS_EQUAL: u32 = 3;
export const COMPARE_GREATER: u32 = 4;
export const COMPARE_GREATER_EQUAL: u32 = 5;

export const REJECT_TCP_RESET: u32 = 0xffff;

export const UPDATE_ADD: u32 = 0;
export const UPDATE_REFRESH: u32 = 1;
export const UPDATE_DELETE: u32 = 2;

/** What RECENT does with the list. RECENT_REAP besides: the list's oldest address leaves it if it is older than Y. */
export const RECENT_SET: u32 = 0;
export const RECENT_CHECK: u32 = 1;
export const RECENT_UPDATE: u32 = 2;
export const RECENT_REMOVE: u32 = 3;
export const RECENT_OPERATION_MASK: u32 = 3;
export const RECENT_REAP: u32 = 4;
/** It matches where it else would not; the destination's address; an entry of the packet's TTL only. */
export const RECENT_INVERT: u32 = 8;
export const RECENT_DESTINATION: u32 = 16;
export const RECENT_TTL: u32 = 32;

/** NAT_*: which registers count, and NF_NAT_RANGE_*. */
export const NAT_ADDRESS: u32 = 1;
export const NAT_ADDRESS_RANGE: u32 = 2;
export const NAT_PORT: u32 = 4;
export const NAT_PORT_RANGE: u32 = 8;
export const NAT_RANDOM: u32 = 16;
export const NAT_FULLY_RANDOM: u32 = 32;
export const NAT_PERSISTENT: u32 = 64;
/** The lowest and highest address are those of a prefix, and the bits beyond it stay. */
export const NAT_NETMAP: u32 = 128;
