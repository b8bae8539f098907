/**
 * The trace: what one packet met, as records of different lengths one after the other. Each starts with a header; an
 * instruction's goes on with the registers as it left them, a state's with what the node knew of the packet just then.
 */

/** The header, which is the whole record where nothing is said of a payload. */
export const KIND: u32 = 0; //            u8   TRACE_*
export const DEPTH: u32 = 1; //           u8   which packet: 0 the one that came in, else what the node says to it
export const HOOK: u32 = 2; //            u8   HOOK_* of layout/program.ts
export const OUTCOME: u32 = 3; //         u8   see each kind
export const BYTES: u32 = 4; //           u32  from this record to the next
export const AT: u32 = 8; //              u32  offset in the program, see each kind
export const VALUE: u32 = 12; //          u32  see each kind
export const HEADER_BYTES: u32 = 16;

/** The packet begins its way. A state. */
export const TRACE_BEGIN: u32 = 1;
/** A step of a hook begins: AT is its place in the program, OUTCOME its STEP_*. A state. */
export const TRACE_STEP: u32 = 2;
/** A base chain begins: AT is its first instruction, OUTCOME its policy (OP_ACCEPT or OP_DROP). */
export const TRACE_CHAIN: u32 = 3;
/** An instruction at AT has been carried out; OUTCOME is what it said (NO_MATCH, MATCH, LOST, or the verdict's OP_*). */
export const TRACE_INSTRUCTION: u32 = 4;
/** The base chain has ended: OUTCOME is RULES_*, VALUE how many chains waited for the end of another. */
export const TRACE_CHAIN_END: u32 = 5;
/** An end of a new connection is bound: OUTCOME is NAT_SRC or NAT_DST; the range that was allowed follows. */
export const TRACE_BINDING: u32 = 6;
/** A route was looked up: AT is the route, 0: there is none; VALUE is REASON_* where it cannot be taken. */
export const TRACE_ROUTE: u32 = 7;
/** The packet has its verdict. A state. */
export const TRACE_END: u32 = 8;

/** TRACE_INSTRUCTION: all registers. */
export const REGISTERS: u32 = 16;
export const INSTRUCTION_BYTES: u32 = 144;

/** TRACE_BINDING. Addresses are 16 bytes, of which IPv4 takes four; all in network order. */
export const RANGE_FLAGS: u32 = 16; //    u32  NAT_* of layout/program.ts
export const RANGE_PORT_LOW: u32 = 20; // u32
export const RANGE_PORT_HIGH: u32 = 24; // u32
export const RANGE_LOW: u32 = 32; //      16 bytes
export const RANGE_HIGH: u32 = 48; //     16 bytes
export const BINDING_BYTES: u32 = 64;

/** A state. */
export const VERDICT: u32 = 16; //        u8   VERDICT_*
export const REASON: u32 = 17; //         u8   REASON_*
export const CT: u32 = 18; //             u8   CT_*
export const DIRECTION: u32 = 19; //      u8
export const IN_INTERFACE: u32 = 20; //   u16  or NO_INTERFACE
export const OUT_INTERFACE: u32 = 22; //  u16  or NO_INTERFACE
export const MARK: u32 = 24; //           u32
export const CONNECTION: u32 = 28; //     u32  index, or NO_CONNECTION
export const PACKET_BYTES: u32 = 32; //   u32  of the whole packet
export const OUTPUT_USED: u32 = 36; //    u32  bytes in the output buffer
export const RULE: u32 = 40; //           u32  offset in the program of the instruction that decided
export const INVALID_CAUSE: u32 = 44; //  u32  INVALID_* of layout/state.ts, where CT is invalid
export const CONNECTION_RECORD: u32 = 48; // 128 bytes, as layout/connection.ts has them
export const CONNECTION_ADDRESSES: u32 = 176; // 64 bytes: an IPv6 connection's addresses
export const PACKET: u32 = 240; //        the packet's first bytes, as many as there are up to PACKET_BYTES_MAX
export const PACKET_BYTES_MAX: u32 = 256;
export const STATE_BYTES: u32 = 496;
