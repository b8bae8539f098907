/**
 * Puts a fragment into its queue. The queue is a list of runs in order of offset; a run is a stretch without gaps that
 * came in order at the queue's end. What lies within a run is a duplicate, whatever its borders; what overlaps
 * otherwise spoils the datagram (RFC 5722; inet_frag_queue_insert of net/ipv4/inet_fragment.c).
 */

import { HeldFragment } from "./held";
import { FragmentQueue } from "./queue";

export const FITS: u32 = 0;
export const DUPLICATE: u32 = 1;
export const OVERLAP: u32 = 2;

/** What becomes of a fragment [offset, end) that is not held yet. */
export function placeFor(queue: FragmentQueue, offset: u32, end: u32): u32 {
  if (queue.tail == 0) return FITS;
  const tailEnd = changetype<HeldFragment>(queue.tail).end;
  if (end > tailEnd) return offset < tailEnd ? OVERLAP : FITS;
  for (let at = queue.firstRun; at != 0; at = changetype<HeldFragment>(at).nextRun) {
    const run = changetype<HeldFragment>(at);
    if (end <= run.offset) return FITS;
    if (offset < run.runEnd) return offset >= run.offset && end <= run.runEnd ? DUPLICATE : OVERLAP;
  }
  return FITS;
}

/** Inserts a fragment that fits. */
export function insertFragment(queue: FragmentQueue, fragment: HeldFragment): void {
  const address = changetype<usize>(fragment);
  queue.heldBytes += fragment.end - fragment.offset;
  const tail = changetype<HeldFragment>(queue.tail);
  if (queue.tail != 0 && fragment.offset < tail.end) {
    fragment.runEnd = fragment.end;
    insertRun(queue, fragment);
    return;
  }
  if (queue.tail != 0 && fragment.offset == tail.end) {
    tail.next = address;
    changetype<HeldFragment>(queue.lastRun).runEnd = fragment.end;
  } else {
    fragment.runEnd = fragment.end;
    if (queue.lastRun != 0) changetype<HeldFragment>(queue.lastRun).nextRun = address;
    else queue.firstRun = address;
    queue.lastRun = address;
  }
  queue.tail = address;
}

/** A run of its own, before the first one that begins behind it. There is one. */
function insertRun(queue: FragmentQueue, fragment: HeldFragment): void {
  const address = changetype<usize>(fragment);
  const first = queue.firstRun;
  if (fragment.offset < changetype<HeldFragment>(first).offset) {
    fragment.nextRun = first;
    queue.firstRun = address;
    return;
  }
  let before = changetype<HeldFragment>(first);
  while (changetype<HeldFragment>(before.nextRun).offset < fragment.offset) before = changetype<HeldFragment>(before.nextRun);
  fragment.nextRun = before.nextRun;
  before.nextRun = address;
}
