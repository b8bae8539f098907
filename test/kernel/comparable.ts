/** Blanks what the kernel draws at random and what therefore cannot be compared. */

import { decode } from "../support/decode.ts";

const LINK_BYTES = 14;
const ICMP = 1;
const FRAGMENT_HEADER = 44;
const IP6_HEADER_BYTES = 40;
/** Hop-by-hop options, routing, destination options. */
const UNFRAGMENTABLE: ReadonlySet<number> = new Set([0, 43, 60]);
const OFFSET_MASK = 0x1fff;
/** Echo reply, unreachable, redirect, time exceeded, parameter problem, timestamp reply: what a node may make itself. */
const MADE_BY_NODES: ReadonlySet<number> = new Set([0, 3, 5, 11, 12, 14]);

/** The frame without IP ids of ICMP that the node made, and without ids of IPv6 fragments that it cut again. */
export function comparable(sent: Uint8Array, caused: Uint8Array): Uint8Array {
  const blanked = sent.slice();
  const seen = decode(sent);
  if (seen?.family === 4 && isMadeByNode(sent, caused)) {
    blanked.fill(0, LINK_BYTES + 4, LINK_BYTES + 6);
    blanked.fill(0, LINK_BYTES + 10, LINK_BYTES + 12);
  }
  const fragment = seen?.family === 6 ? fragmentHeaderAt(seen.packet) : undefined;
  if (fragment !== undefined) blanked.fill(0, LINK_BYTES + fragment + 4, LINK_BYTES + fragment + 8);
  return blanked;
}

/** Where the fragment header starts: behind the headers that every fragment has. */
function fragmentHeaderAt(packet: Uint8Array): number | undefined {
  let protocol = packet[6];
  let at = IP6_HEADER_BYTES;
  for (; UNFRAGMENTABLE.has(protocol ?? -1) && at + 8 <= packet.length; at += (packet[at + 1]! + 1) * 8) {
    protocol = packet[at];
    if (protocol === FRAGMENT_HEADER) return at + (packet[at + 1]! + 1) * 8;
  }
  return protocol === FRAGMENT_HEADER ? at : undefined;
}

/** An ICMP message caused by something else than a message of its own type, which would just have been forwarded. */
function isMadeByNode(sent: Uint8Array, caused: Uint8Array): boolean {
  const after = decode(sent);
  const before = decode(caused);
  if (after?.protocol !== ICMP || !MADE_BY_NODES.has(after.payload[0] ?? 255)) return false;
  return before?.protocol !== ICMP || isLaterFragment(before.packet) || before.payload[0] !== after.payload[0];
}

function isLaterFragment(packet: Uint8Array): boolean {
  return (((packet[6]! << 8) | packet[7]!) & OFFSET_MASK) !== 0;
}
