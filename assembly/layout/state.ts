/** States, segment kinds and conntrack verdicts, numbered as Linux numbers them (nf_conntrack_tcp.h, nf_conntrack_sctp.h). */

export const TCP_NONE: u32 = 0;
export const TCP_SYN_SENT: u32 = 1;
export const TCP_SYN_RECV: u32 = 2;
export const TCP_ESTABLISHED: u32 = 3;
export const TCP_FIN_WAIT: u32 = 4;
export const TCP_CLOSE_WAIT: u32 = 5;
export const TCP_LAST_ACK: u32 = 6;
export const TCP_TIME_WAIT: u32 = 7;
export const TCP_CLOSE: u32 = 8;
export const TCP_SYN_SENT2: u32 = 9;
/** Results of the transition table that are no states. */
export const TCP_MAX: u32 = 10;
export const TCP_IGNORE: u32 = 11;
/** Places in the timeout table after the states. */
export const TCP_RETRANSMITTED: u32 = 12;
export const TCP_UNACKNOWLEDGED: u32 = 13;

/** Kinds of segments: rows of the transition table. */
export const TCP_SYN: u32 = 0;
export const TCP_SYNACK: u32 = 1;
export const TCP_FIN: u32 = 2;
export const TCP_ACK: u32 = 3;
export const TCP_RST: u32 = 4;
export const TCP_NO_FLAGS: u32 = 5;

export const SCTP_NONE: u32 = 0;
export const SCTP_CLOSED: u32 = 1;
export const SCTP_COOKIE_WAIT: u32 = 2;
export const SCTP_COOKIE_ECHOED: u32 = 3;
export const SCTP_ESTABLISHED: u32 = 4;
export const SCTP_SHUTDOWN_SENT: u32 = 5;
export const SCTP_SHUTDOWN_RECD: u32 = 6;
export const SCTP_SHUTDOWN_ACK_SENT: u32 = 7;
export const SCTP_HEARTBEAT_SENT: u32 = 8;

/** What conntrack says of a packet. The direction is kept apart. */
export const CT_NONE: u32 = 0; //        conntrack has not seen it
export const CT_NEW: u32 = 1;
export const CT_ESTABLISHED: u32 = 2;
export const CT_RELATED: u32 = 3;
export const CT_INVALID: u32 = 4;
export const CT_UNTRACKED: u32 = 5;

export const DIRECTION_ORIGINAL: u32 = 0;
export const DIRECTION_REPLY: u32 = 1;

/** The timeout table: seconds, one u32 each. TCP's states come first, by their numbers. */
export const TIMEOUT_TCP: u32 = 0; //    14 entries
export const TIMEOUT_UDP: u32 = 14;
export const TIMEOUT_UDP_STREAM: u32 = 15;
export const TIMEOUT_ICMP: u32 = 16;
export const TIMEOUT_ICMP6: u32 = 17;
export const TIMEOUT_GENERIC: u32 = 18;
export const TIMEOUT_GRE: u32 = 19;
export const TIMEOUT_GRE_STREAM: u32 = 20;
export const TIMEOUT_SCTP: u32 = 21; //  9 entries, by state
export const TIMEOUT_FRAGMENT: u32 = 30;
export const TIMEOUT_FRAGMENT6: u32 = 31;
export const TIMEOUTS: u32 = 32;
/** No timeout is longer: a deadline must not lie further ahead than half the range of the clock, 2^31 − 1 ms. */
export const TIMEOUT_SECONDS_MAX: u32 = 2_147_483;

/** Why conntrack called a packet invalid. */
export const INVALID_UNKNOWN: u32 = 0;
/** It has no tuple: a fragment but the first, or a header that is not there. */
export const INVALID_HEADER: u32 = 1;
export const INVALID_CHECKSUM: u32 = 2;
/** TCP flags that no segment may have together. */
export const INVALID_FLAGS: u32 = 3;
/** A kind of segment, chunk or message that cannot begin a connection. */
export const INVALID_FIRST: u32 = 4;
/** One that the connection's state does not allow. */
export const INVALID_STATE: u32 = 5;
/** TCP: outside of the window; an RST before the next number. */
export const INVALID_WINDOW: u32 = 6;
export const INVALID_RESET: u32 = 7;
/** SCTP: not the association's verification tag; chunks that cannot be. */
export const INVALID_TAG: u32 = 8;
export const INVALID_CHUNKS: u32 = 9;
/** ICMP: a type that nobody knows; an error about a packet that no connection has sent. */
export const INVALID_TYPE: u32 = 10;
export const INVALID_QUOTE: u32 = 11;
