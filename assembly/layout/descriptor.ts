/**
 * One packet of a batch: 64 bytes, one cache line. The capture walker (or the host) fills the first half, the engine
 * the second; the host reads it only when somebody asks about single packets.
 */

export const SIZE: u32 = 64;
export const SIZE_LOG2: u32 = 6;

export const TIME: u32 = 0; //               u64  nanoseconds since 1970
export const FRAME: u32 = 8; //              u32  address of the first byte
export const FRAME_BYTES: u32 = 12; //       u32  bytes that are there
export const WIRE_BYTES: u32 = 16; //        u32  bytes that there were
export const CAPTURE_INTERFACE: u32 = 20; // u16  index in the capture's interface table
export const IN_INTERFACE: u32 = 22; //      u16  index of the node's interface, NO_INTERFACE: by source address
export const LINK_BYTES: u32 = 24; //        u16  bytes in front of the IP header
export const FLAGS: u32 = 26; //             u16  FLAG_*
export const LINK_TYPE: u32 = 28; //         u16  LINKTYPE_* of the frame

export const VERDICT: u32 = 32; //           u8   VERDICT_*
export const REASON: u32 = 33; //            u8   REASON_*
export const CT: u32 = 34; //                u8   CT_*
export const DIRECTION: u32 = 35; //         u8
export const CONNECTION: u32 = 36; //        u32  index, or NO_CONNECTION
export const OUT_INTERFACE: u32 = 40; //     u16  or NO_INTERFACE
export const REFUSED_CHOICE: u32 = 42; //    u8   1: the capture shows a choice for it that the rules do not allow
export const PACKET_BYTES: u32 = 44; //      u32  length of the IP packet after processing
export const OUTPUT_BEGIN: u32 = 48; //      u32  what this packet caused: bytes of the output buffer, from
export const OUTPUT_END: u32 = 52; //        u32  … to
export const RULE: u32 = 56; //              u32  offset in the program of the instruction that dropped or rejected it
export const FED: u32 = 60; //               u32  before that, where ENGINE_SHARD is set: packets that were fed in before it

/** FLAGS */
export const FLAG_OUTBOUND: u32 = 1; //      captured leaving the node: not fed in
export const FLAG_FROM_HOST: u32 = 2; //     the node itself sends it: starts at OUTPUT, checksums are still open
export const FLAG_OTHER_HOST: u32 = 4; //    link layer says that it is for somebody else
export const FLAG_NOT_IP: u32 = 8; //        no IP packet behind the link header
export const FLAG_TRUNCATED: u32 = 16; //    FRAME_BYTES < WIRE_BYTES
export const FLAG_LINK_ERROR: u32 = 32; //   the link header is cut or of a type that the engine does not know
export const FLAG_MULTICAST: u32 = 64; //    sent to a link-layer group or broadcast address
export const FLAG_LOOPED: u32 = 128; //      came around over loopback: not fed in, because it was where it was sent

export const NO_INTERFACE: u32 = 0xffff;
export const NO_CONNECTION: u32 = 0xffffffff;
