/** Datagrams that did not get whole in time (ip_expire of net/ipv4/ip_fragment.c, ip6frag_expire_frag_queue of net/ipv6_frag.h). */

import { clock } from "../memory/engine";
import { Packet, resetPacket } from "../packet";
import { FragmentQueue, expiredQueue, removeQueue } from "./queue";
import { restoreFirst } from "./reassemble";

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/** Some fragments have waited for too long. */
export function hasExpired(): bool {
  return expiredQueue() != 0;
}

/**
 * Forgets the fragments that have waited for too long first. True: the datagram's first one is among them, and `packet`,
 * whose time has to be the present, is that fragment at the time when its wait was over.
 */
export function takeExpired(packet: Packet): bool {
  const queue = changetype<FragmentQueue>(expiredQueue());
  const hasFirst = queue.hasFirst;
  if (hasFirst) {
    resetPacket(packet);
    restoreFirst(packet, queue);
    packet.inInterface = queue.inInterface;
    packet.flags = 0;
    packet.time -= <u64>(clock() - queue.expiresAt) * NANOSECONDS_PER_MILLISECOND;
  }
  removeQueue(queue);
  return hasFirst;
}
