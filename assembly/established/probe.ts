/**
 * What the stages of the short way find out about a packet of a group: one cache line each.
 *
 *       0      8        12     16       24     32               48    52       56      60
 *       ├──────┼────────┼──────┼────────┼──────┼────────────────┼─────┼────────┼───────┼───────────┤
 *       │ hash │ bucket │ half │ wanted │ mask │ segment        │ sack│ packet │ bytes │ addresses │
 */

import { SEGMENT_SIZE } from "../conntrack/plain-segment";

/** Packets in a group: enough to hide a wait for memory, few enough for the first cache level. */
export const GROUP_SIZE: u32 = 64;

export const SIZE: usize = 64;
const SIZE_LOG2: u32 = 6;

export const HASH: usize = 0; //     u64
export const BUCKET: usize = 8; //   u32  address of its bucket
/** Address of the half of a record where its tuple stands; not yet compared with the packet. */
export const HALF: usize = 12; //    u32
/** The record's PROTOCOL, STATE, STATUS, GENERATION, FAST and FAMILY must be WANTED under MASK; UNCHECKED they never are. */
export const WANTED: usize = 16; //  u64
export const MASK: usize = 24; //    u64
export const SEGMENT: usize = 32; // what conntrack/plain-segment.ts reads of a TCP segment
export const PACKET: usize = 52; //  u32  address of its IP header
export const BYTES: usize = 56; //   u32  length of the IP packet; 0: it is not looked for
/** IPv6: address of the two addresses of its tuple, of the connection that HALF is of. */
export const ADDRESSES: usize = 60; // u32
if (SEGMENT + SEGMENT_SIZE > PACKET) ERROR("a segment does not fit into a probe");

/** Upper half of WANTED: no family has this number. */
export const UNCHECKED: u32 = 0xffffffff;

/**
 * The highest byte of WANTED, where records have their family, says which loop takes the packet. Only IPv4's compares it as
 * it is: no record has one of the other numbers.
 */
export const PLAIN4: u32 = 0x04;
export const PLAIN6: u32 = 0x46;
/** With one of them: of a connection that nobody has answered. */
export const UNANSWERED: u32 = 0x80;

const probes: usize = memory.data(64 << 6, 64);
/** Addresses of probes. */
const others: usize = memory.data(64 << 2, 64);

/** Where the findings of the i-th packet of the group stand. */
export function probeAt(i: u32): usize {
  return probes + (<usize>i << SIZE_LOG2);
}

/** The n-th probe of a packet that is not plain IPv4; behind hashGroup6(), the n-th of a plain IPv6 packet. */
export function otherAt(n: u32): usize {
  return load<u32>(others + (<usize>n << 2));
}

export function setOther(n: u32, probe: usize): void {
  store<u32>(others + (<usize>n << 2), <u32>probe);
}

/** Whether the packet is known to be plain. */
export function isChecked(probe: usize): bool {
  return load<u32>(probe, WANTED + 4) != UNCHECKED;
}

/** Which loop takes the packet: all of one kind go the same way. */
export function kindOf(probe: usize): u32 {
  return load<u8>(probe, WANTED + 7);
}

/** Whether the packet is plain and, when it was checked, its connection had no answer: established/unanswered.ts takes it. */
export function isUnanswered(probe: usize): bool {
  const kind = kindOf(probe);
  return kind == (UNANSWERED | PLAIN4) || kind == (UNANSWERED | PLAIN6);
}

/** Whether an IPv6 packet is looked for. */
export function isIp6(probe: usize): bool {
  return load<u32>(probe, BYTES) != 0 && load<u8>(load<u32>(probe, PACKET)) >> 4 == 6;
}
