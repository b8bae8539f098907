/** What happens to packets: odd headers, wrong sums, flipped bytes, cut ends. */

import { concat, zeros } from "../../../support/bytes.ts";
import { internetChecksum } from "../../../support/checksum.ts";
import type { Extension, Header } from "../../../support/packet.ts";
import type { Random } from "../../../support/random.ts";

/** IPv4 options: nothing, a record of routes that has room or is full, router alert, source routes, unknown and bad ones. */
const OPTIONS: readonly (readonly number[])[] = [
  [1, 1, 1, 1],
  [7, 3, 4, 0],
  [7, 7, 4, 0, 0, 0, 0, 0],
  [7, 11, 8, 1, 2, 3, 4, 0, 0, 0, 0, 0],
  [148, 4, 0, 0],
  [148, 4, 0, 1],
  [131, 7, 4, 1, 2, 3, 4, 0],
  [137, 7, 8, 1, 2, 3, 4, 0],
  [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [134, 6, 0, 0, 0, 1, 0, 0],
  [136, 4, 1, 2],
  [158, 4, 1, 2],
  [7, 2, 0, 0],
  [7, 4, 3, 0],
  [200, 9, 0, 0],
  [200, 1, 0, 0],
  [0, 7, 9, 9],
];

/** IPv6 extension headers: number and bytes. */
const EXTENSIONS: readonly (readonly [protocol: number, bytes: readonly number[]])[] = [
  [0, [0, 0, 1, 4, 0, 0, 0, 0]],
  [0, [0, 0, 5, 2, 0, 0, 1, 0]],
  [0, [0, 0, 0xc2, 4, 0, 1, 0, 0]],
  [0, [0, 0, 0x3e, 4, 0, 0, 0, 0]],
  [0, [0, 0, 0x7e, 4, 0, 0, 0, 0]],
  [0, [0, 0, 0xbe, 4, 0, 0, 0, 0]],
  [0, [0, 0, 0xfe, 4, 0, 0, 0, 0]],
  [0, [0, 0, 1, 9, 0, 0, 0, 0]],
  [60, [0, 0, 1, 4, 0, 0, 0, 0]],
  [60, [0, 0, 0xfe, 4, 0, 0, 0, 0]],
  [60, [0, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  [43, [0, 0, 4, 0, 0, 0, 0, 0]],
  [43, [0, 2, 0, 1, 0, 0, 0, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]],
  [43, [0, 2, 3, 0, 0, 0, 0, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]],
  [43, [0, 0, 253, 0, 0, 0, 0, 0]],
  [44, [0, 0, 0, 0, 1, 2, 3, 4]],
  [51, [0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]],
  [135, [0, 0, 0, 0, 0, 0, 0, 0]],
];

/** Those that stand with others: a hop-by-hop header comes first, and what a fragment holds is no header any more. */
const FIRST = EXTENSIONS.filter(([protocol]) => protocol !== 44);
const LATER = FIRST.filter(([protocol]) => protocol !== 0);

/** Fields of an IP header that are not what they mostly are. */
export function oddHeader(random: Random): Header {
  switch (random.below(9)) {
    case 0: {
      const ttl = random.below(3);
      return { ttl, hopLimit: ttl };
    }
    case 1: {
      const tos = random.below(256);
      return { tos, trafficClass: tos, flowLabel: random.below(1 << 20) };
    }
    case 2:
      return { damage: 1 + random.below(65535) };
    case 3:
      return { headerDamage: 1 + random.below(65535) };
    case 4:
      return { dontFragment: true };
    case 5:
      return { options: Uint8Array.from(random.pick(OPTIONS)), extensions: extensions(random) };
    case 6: {
      const length = random.below(100);
      return { totalLength: length, payloadLength: length };
    }
    case 7:
      return { headerWords: random.below(16), version: 6 };
    default:
      return {
        extensions: [...extensions(random, FIRST), ...extensions(random, LATER)],
        dontFragment: true,
        options: zeros(4),
      };
  }
}

function extensions(random: Random, choices = EXTENSIONS): Extension[] {
  const [protocol, bytes] = random.pick(choices);
  return [{ protocol, bytes: Uint8Array.from(bytes) }];
}

/** The packet with a byte changed, or cut, or longer than it says; its IPv4 header's sum is right again half the time. */
export function damaged(packet: Uint8Array, random: Random): Uint8Array {
  if (random.once(4)) return packet.slice(0, 1 + random.below(packet.length));
  if (random.once(4)) return concat(packet, random.bytes(1 + random.below(8)));
  const changed = packet.slice();
  // Mostly in the headers, where it matters.
  const reach = random.once(3) ? packet.length : Math.min(packet.length, 64);
  changed[random.below(reach)] = random.below(256);
  if (changed[0]! >> 4 === 4 && changed.length >= 20 && random.once(2)) repairHeader(changed);
  return isClockBound(changed) ? packet : changed;
}

function repairHeader(packet: Uint8Array): void {
  const bytes = Math.min((packet[0]! & 15) * 4, packet.length);
  if (bytes < 20) return;
  packet.fill(0, 10, 12);
  const sum = internetChecksum(packet.subarray(0, bytes));
  packet.set([sum >> 8, sum & 255], 10);
}

/** An ICMP timestamp request: the answer to it tells the node's time. */
function isClockBound(packet: Uint8Array): boolean {
  return packet[0]! >> 4 === 4 && packet[9] === 1 && packet[(packet[0]! & 15) * 4] === 13;
}
