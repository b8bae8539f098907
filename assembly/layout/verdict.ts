/** What became of a packet, and why. Names live on the host (src/engine/names.ts). */

export const VERDICT_NONE: u32 = 0; //     not processed
export const VERDICT_FORWARD: u32 = 1; //  left the node
export const VERDICT_LOCAL: u32 = 2; //    reached the node's own stack
export const VERDICT_DROP: u32 = 3;
export const VERDICT_REJECT: u32 = 4; //   dropped, and answered by a rule
export const VERDICT_QUEUED: u32 = 5; //   held: a fragment that waits for the rest, or by a rule for user space
export const VERDICT_SKIPPED: u32 = 6; //  not fed in: captured on its way out, or already made by the engine

export const REASON_NONE: u32 = 0;
/** Frames and IP headers: what the driver, ip_rcv and ipv6_rcv refuse. */
export const REASON_NOT_IP: u32 = 1;
export const REASON_LINK_UNSUPPORTED: u32 = 2;
export const REASON_LINK_TRUNCATED: u32 = 3;
export const REASON_OTHER_HOST: u32 = 4; //            a frame to another MAC
export const REASON_IP_TRUNCATED: u32 = 5;
export const REASON_IP_VERSION: u32 = 6;
export const REASON_IP_HEADER_LENGTH: u32 = 7;
export const REASON_IP_TOTAL_LENGTH: u32 = 8;
export const REASON_IP_CHECKSUM: u32 = 9;
export const REASON_IP_OPTIONS: u32 = 10;
export const REASON_IP6_EXTENSION: u32 = 11;
export const REASON_CAPTURE_TRUNCATED: u32 = 12; //    the capture holds fewer bytes than the packet had
/** Routing. */
export const REASON_MARTIAN_SOURCE: u32 = 20;
export const REASON_MARTIAN_DESTINATION: u32 = 21;
export const REASON_NO_ROUTE: u32 = 22;
export const REASON_BLACKHOLE: u32 = 23;
export const REASON_UNREACHABLE: u32 = 24;
export const REASON_PROHIBIT: u32 = 25;
export const REASON_TTL: u32 = 26;
export const REASON_TOO_BIG: u32 = 27;
export const REASON_BROADCAST: u32 = 28; //            broadcast or multicast: not forwarded
export const REASON_REVERSE_PATH: u32 = 29;
export const REASON_LINK_LOCAL: u32 = 30;
export const REASON_NOT_FORWARDING: u32 = 31; //      the node is no router (ip_forward, forwarding)
/** Rules. */
export const REASON_RULE_DROP: u32 = 40;
export const REASON_RULE_REJECT: u32 = 41;
export const REASON_POLICY_DROP: u32 = 42;
export const REASON_RULE_LOOP: u32 = 43; //            more jumps than the kernel allows
export const REASON_RULE_QUEUE: u32 = 44; //           for a program of user space
/** Connection tracking and NAT. */
export const REASON_TABLE_FULL: u32 = 50;
export const REASON_CLASH: u32 = 51; //                insert_failed: the tuple was taken at confirm
export const REASON_NO_SOURCE_ADDRESS: u32 = 52; //    masquerade found no address on the way out
export const REASON_NAT_FAILED: u32 = 53; //           the packet could not be rewritten
export const REASON_TRACKER_DROP: u32 = 54; //         the tracker itself drops (NF_DROP)
/** Fragments. */
export const REASON_FRAGMENT_HELD: u32 = 60;
export const REASON_FRAGMENT_OVERLAP: u32 = 61;
export const REASON_FRAGMENT_DUPLICATE: u32 = 62;
export const REASON_FRAGMENT_INVALID: u32 = 63;
export const REASON_FRAGMENT_LIMIT: u32 = 64;
/** The node's own stack. */
export const REASON_CLOSED_PORT: u32 = 70; //          answered with RST or port unreachable
export const REASON_ECHO: u32 = 71; //                 answered with an echo reply
export const REASON_OWN_SOCKET: u32 = 72; //           belongs to a connection that the node opened
export const REASON_PROTOCOL_UNREACHABLE: u32 = 73;
export const REASON_LOCAL_SILENT: u32 = 74; //         reached the node, which says nothing to it
export const REASON_OUTBOUND: u32 = 75; //             captured on its way out of the node
export const REASON_DUPLICATE_ANSWER: u32 = 76; //     the node's own packet that the engine has already made
export const REASON_ADOPTED: u32 = 77; //              the node's own packet, seen only on its way out
/** The engine's limits. */
export const REASON_OUTPUT_LIMIT: u32 = 80;
export const REASONS: u32 = 96;
