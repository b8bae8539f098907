/**
 * Senders whose IPv4 fragments wait, and how many each has sent. A datagram that gets its next fragment only after
 * many others of the same sender (ipfrag_max_dist) starts anew: the identification may have come round by then
 * (ip_frag_too_far of net/ipv4/ip_fragment.c). IPv6's are longer, so it does not.
 */

import { freeChain, takeBlock } from "./pool";

/** The kernel's default of net.ipv4.ipfrag_max_dist. */
const DISTANCE_MAX: u32 = 64;
const HEADS: u32 = 256;
const heads: usize = memory.data(1024, 64);

@final @unmanaged
export class FragmentSource {
  /** The same place as in Block. */
  more: usize;
  next: usize;
  address: u32;
  /** Queues that have fragments of it. */
  queues: u32;
  sent: u32;
}

export function initSources(): void {
  memory.fill(heads, 0, HEADS << 2);
}

/** The sender with an address, for one queue more. Takes a block if it is new. */
export function holdSource(address: u32): FragmentSource {
  const head = headOf(address);
  let found: usize = load<u32>(head);
  while (found != 0 && changetype<FragmentSource>(found).address != address) found = changetype<FragmentSource>(found).next;
  if (found == 0) {
    found = takeBlock();
    changetype<FragmentSource>(found).address = address;
    changetype<FragmentSource>(found).next = load<u32>(head);
    store<u32>(head, <u32>found);
  }
  changetype<FragmentSource>(found).queues++;
  return changetype<FragmentSource>(found);
}

/** One queue less; without any, the sender is forgotten. */
export function releaseSource(source: FragmentSource): void {
  if (--source.queues != 0) return;
  const address = changetype<usize>(source);
  const head = headOf(source.address);
  let at: usize = load<u32>(head);
  if (at == address) {
    store<u32>(head, <u32>source.next);
  } else {
    while (changetype<FragmentSource>(at).next != address) at = changetype<FragmentSource>(at).next;
    changetype<FragmentSource>(at).next = source.next;
  }
  source.next = 0;
  freeChain(address);
}

/** Counts a fragment; true if more than DISTANCE_MAX have come since the sender's count stood at `since`. */
export function isTooFar(source: FragmentSource, since: u32): bool {
  source.sent++;
  return source.sent - since > DISTANCE_MAX;
}

function headOf(address: u32): usize {
  return heads + (<usize>((address * 0x9e3779b1) >> 24) << 2);
}
