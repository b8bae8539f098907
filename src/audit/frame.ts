/** Frames made comparable: padding cut, and what the kernel draws at random left out of the comparison. */

import { ICMP, ICMP6 } from "../../assembly/layout/protocol.ts";

export interface Frame {
  /** Number in the capture of the frame, or of the packet that caused it. */
  readonly n: number;
  /** The link header where it is compared, and the IP packet. */
  readonly link: Uint8Array;
  readonly packet: Uint8Array;
  /** The node itself made it: its IP id or flow label is the kernel's own affair. */
  readonly nodeMade: boolean;
  /** The packet without identification, flow label and header checksum: equal for frames that may be the same. */
  readonly key: string;
}

const IP4_ID = 4;
const IP4_CHECKSUM = 10;
const IP6_NEXT = 6;
const IP6_HEADER = 40;
const FRAGMENT = 44;
const ICMP_REDIRECT = 5;
const ICMP6_REDIRECT = 137;

/** `linkBytes` bytes of link header come first; `compareLink` says whether they mean anything. */
export function makeFrame(
  n: number,
  frame: Uint8Array,
  linkBytes: number,
  compareLink: boolean,
  nodeMade: boolean,
): Frame {
  const packet = trim(frame.slice(linkBytes));
  const link = compareLink ? frame.slice(0, linkBytes) : new Uint8Array(0);
  return { n, link, packet, nodeMade, key: keyOf(packet) };
}

/** The same packet, to the byte, but for what a node-made one may differ in. Frames have equal keys. */
export function sameFrame(predicted: Frame, captured: Frame): boolean {
  if (!sameBytes(predicted.link, captured.link)) return false;
  return predicted.nodeMade || sameBytes(masked(predicted.packet, false), masked(captured.packet, false));
}

/** What a node says of itself: answers to packets that go no further, and redirects beside those that do. */
export function isNodeMade(packet: Uint8Array, forwarded: boolean): boolean {
  if (packet.length < 20) return false;
  if (!forwarded) return true;
  const ip6 = packet[0]! >> 4 === 6;
  const protocol = ip6 ? packet[IP6_NEXT] : packet[9];
  const at = ip6 ? IP6_HEADER : (packet[0]! & 15) * 4;
  return (protocol === ICMP && packet[at] === ICMP_REDIRECT) || (protocol === ICMP6 && packet[at] === ICMP6_REDIRECT);
}

/** Neighbours among themselves (MLD, IGMP, mDNS): 224.0.0.0/24 and ff02::/16 say nothing of the data plane. */
export function isLinkLocalMulticast(packet: Uint8Array): boolean {
  if (packet.length < 20) return false;
  if (packet[0]! >> 4 === 6) return packet[24] === 0xff && packet[25] === 0x02;
  return packet[16] === 224 && packet[17] === 0 && packet[18] === 0;
}

/** Ethernet pads short frames; the IP header tells where the packet ends. */
function trim(packet: Uint8Array): Uint8Array {
  if (packet.length < 20) return packet;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const length = packet[0]! >> 4 === 6 ? IP6_HEADER + view.getUint16(4) : view.getUint16(2);
  return packet.subarray(0, Math.min(packet.length, length));
}

/** IPv6 fragments get a fresh identification when a reassembled packet is taken apart again: never compared. */
function masked(packet: Uint8Array, identification: boolean): Uint8Array {
  const copy = packet.slice();
  if (copy.length < 20) return copy;
  if (copy[0]! >> 4 === 6) {
    if (copy[IP6_NEXT] === FRAGMENT) copy.fill(0, IP6_HEADER + 4, IP6_HEADER + 8);
    if (identification) copy.set([copy[1]! & 0xf0, 0, 0], 1);
  } else if (identification) {
    copy.fill(0, IP4_ID, IP4_ID + 2);
    copy.fill(0, IP4_CHECKSUM, IP4_CHECKSUM + 2);
  }
  return copy;
}

/** FNV-1a twice, with two starts: a key that two different packets of one window do not share by chance. */
function keyOf(packet: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (const byte of masked(packet, true)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x5bd1e995);
  }
  return `${packet.length}:${a >>> 0}:${b >>> 0}`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
