/**
 * What the two instructions of mode direct work with. All offsets count from the program's first byte; keys are as those of
 * the sets and maps that nftables mode has: addresses and ports in network order, protocols as numbers, a word or more each.
 */

/** OPTIONS of OP_SERVICE: what is asked of the packet. X is the offset of a form, which depends on it. */
export const SERVICE_DESTINATION: u32 = 0;
export const SERVICE_REFUSAL: u32 = 1;
export const SERVICE_SOURCE: u32 = 2;

/** DESTINATION: the verdict maps of (address, protocol, port) and of (protocol, port) on the node's own addresses. */
export const DESTINATION_ADDRESSES: u32 = 0; // u32
export const DESTINATION_NODE_PORTS: u32 = 4; // u32
/** The set of addresses that node ports are served on; 0: all of the node's but loopback ones. */
export const DESTINATION_NODE_ADDRESSES: u32 = 8; // u32
export const DESTINATION_BYTES: u32 = 16;

/** REFUSAL: the verdict map of (address, protocol, port) without endpoints, the set of ClusterIPs, and verdicts. */
export const REFUSAL_NOWHERE: u32 = 0; //     u32
export const REFUSAL_CLUSTER_IPS: u32 = 4; // u32
/** The set of prefixes that ClusterIPs are taken from; 0: not known. */
export const REFUSAL_CIDRS: u32 = 8; //       u32
/** What becomes of packets to other ports of ClusterIPs, and of those to addresses that nobody has. */
export const REFUSAL_OTHER_PORT: u32 = 16; // a verdict as a value
export const REFUSAL_NOBODY: u32 = 24; //     a verdict as a value
export const REFUSAL_BYTES: u32 = 32;

/** SOURCE: the set of (address, address, protocol, port) of endpoints that may be their own client. */
export const SOURCE_HAIRPINS: u32 = 0; //     u32
/** The bits of the mark that says that the packet is to leave with the node's address. */
export const SOURCE_MARK: u32 = 4; //         u32
/** What becomes of packets that are to. */
export const SOURCE_VERDICT: u32 = 8; //      a verdict as a value
export const SOURCE_BYTES: u32 = 16;

/** Where OP_SERVICE leaves what it looked for (source, destination, protocol, port), and what it found: ANSWER_*. */
export const SERVICE_REGISTER: u32 = 0;
export const ANSWER_REGISTER: u32 = 40;
export const ANSWER_NONE: u32 = 0;
export const ANSWER_ADDRESS: u32 = 1;
export const ANSWER_NODE_PORT: u32 = 2;
export const ANSWER_NOWHERE: u32 = 3;
export const ANSWER_OTHER_PORT: u32 = 4;
export const ANSWER_NOBODY: u32 = 5;
export const ANSWER_MARK: u32 = 6;
export const ANSWER_HAIRPIN: u32 = 7;

/**
 * OP_ENDPOINT: X is the offset of Y endpoints, LENGTH bytes each: address, port. OPTIONS = ENDPOINT_*. Behind the endpoints
 * stand, where OPTIONS say so, u32 the dynamic set of each one's clients; then the table of the Maglev scheduler.
 */
export const ENDPOINT_AFFINE: u32 = 1;
export const ENDPOINT_MAGLEV: u32 = 2;

/** The Maglev table: u32 entries, then u16 for each, the number of an endpoint. */
export const MAGLEV_ENTRIES: u32 = 0;
export const MAGLEV_TABLE: u32 = 4;

/** Where OP_ENDPOINT leaves the endpoint, and behind it why it is this one: CHOICE_*. */
export const ENDPOINT_REGISTER: u32 = 64;
export const CHOICE_REGISTER: u32 = 84;
export const CHOICE_DRAWN: u32 = 0;
export const CHOICE_AFFINITY: u32 = 1;
export const CHOICE_HASH: u32 = 2;
