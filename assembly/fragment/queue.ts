/** The fragments of one datagram that have come so far, and the table of all such queues. */

import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { clock, engine, timeoutMilliseconds } from "../memory/engine";
import { HeldFragment, freeFragment } from "./held";
import { Block, freeChain, initPool, takeBlock } from "./pool";
import { FragmentSource, holdSource, initSources, isTooFar, releaseSource } from "./source";

/** What makes fragments belong together (frag_v4_compare_key, frag_v6_compare_key). Unused bytes are zero. */
@final @unmanaged
export class FragmentKey {
  family: u32;
  /** IPv4 only: RFC 791 tells datagrams apart by protocol, RFC 8200 does not. */
  protocol: u32;
  id: u32;
  /** ORIGIN_*: fragments from the wire and from the node do not mix. */
  origin: u32;
  /** IPv6 to link-local and multicast addresses only: the interface. */
  interfaceIndex: u32;
  src0: u64;
  src1: u64;
  dst0: u64;
  dst1: u64;
}

@final @unmanaged
export class FragmentQueue {
  more: usize;
  /** Next queue of the same hash. */
  next: usize;
  hash: u32;
  /** Neighbours in the list of all queues of the family, by age. */
  older: usize;
  newer: usize;
  expiresAt: u32;
  /** Index of the interface by which the first fragment came, once it has. */
  inInterface: u32;
  /** The datagram's end has been seen; its beginning has. */
  hasLast: bool;
  hasFirst: bool;
  /** IPv4: the sender, and its count when the last fragment came. */
  source: usize;
  sourceSent: u32;
  /** Highest end seen so far; bytes that are here. */
  bytes: u32;
  heldBytes: u32;
  /** Bits 1 << ECN of every fragment. */
  ecnSeen: u32;
  /** Longest fragment as an IP packet; longest one with DF. */
  packetBytesMax: u32;
  dontFragmentBytesMax: u32;
  /** Shortest headers in front of the payload of a fragment that is not the first; 0: there is none yet. */
  headerBytesMin: u32;
  /** IPv6: offset of the next-header field in the first fragment that names the fragment header. */
  nameField: u32;
  firstRun: usize;
  lastRun: usize;
  tail: usize;
}

/** The key lies in the queue's block, behind its fields. */
const KEY: usize = 128;
const KEY_WORDS: u32 = 8;
const HEADS: u32 = 1024;
const heads: usize = memory.data(4096, 64);
const wantedKey: usize = memory.data(64, 64);
/** By family: IPv4, IPv6. */
const oldest: usize = memory.data(8);
const newest: usize = memory.data(8);

if (offsetof<FragmentQueue>() > KEY) ERROR("FragmentQueue is larger than the room before its key");
if (offsetof<FragmentKey>() > KEY_WORDS << 3) ERROR("FragmentKey is longer than what is compared of it");
if (offsetof<FragmentQueue>("more") != offsetof<Block>("more")) ERROR("FragmentQueue does not begin like a Block");
if (offsetof<HeldFragment>("more") != offsetof<Block>("more")) ERROR("HeldFragment does not begin like a Block");

/** Carves the memory for fragments. False: there is not so much. */
export function initQueues(): bool {
  initSources();
  memory.fill(heads, 0, HEADS << 2);
  memory.fill(oldest, 0, 8);
  memory.fill(newest, 0, 8);
  return initPool();
}

/** A key to fill in for findQueue(), all zeros. */
export function clearedKey(): FragmentKey {
  memory.fill(wantedKey, 0, KEY_WORDS << 3);
  return changetype<FragmentKey>(wantedKey);
}

/** The queue of the datagram, or 0. */
export function findQueue(key: FragmentKey): usize {
  const hash = hashOf(key);
  let queue: usize = load<u32>(headOf(hash));
  while (queue != 0 && !isOf(queue, hash, key)) queue = changetype<FragmentQueue>(queue).next;
  return queue;
}

/** Blocks that a new queue takes at most: its own and its sender's. */
export const QUEUE_BLOCKS: u32 = 2;

/** A new, empty queue; it lives as long as the family's time-out from now on (inet_frag_create). */
export function createQueue(key: FragmentKey): FragmentQueue {
  const queue = changetype<FragmentQueue>(takeBlock());
  memory.copy(changetype<usize>(queue) + KEY, changetype<usize>(key), KEY_WORDS << 3);
  queue.hash = hashOf(key);
  const head = headOf(queue.hash);
  queue.next = load<u32>(head);
  store<u32>(head, <u32>changetype<usize>(queue));
  if (key.family == 4) {
    const source = holdSource(<u32>key.src0);
    queue.source = changetype<usize>(source);
    queue.sourceSent = source.sent;
  }
  appendNewest(queue);
  return queue;
}

/** Counts an IPv4 fragment that belongs to the queue. If too many others came in between, the queue starts anew. */
export function countFragment(queue: FragmentQueue): void {
  const source = changetype<FragmentSource>(queue.source);
  const restart = isTooFar(source, queue.sourceSent) && queue.tail != 0;
  queue.sourceSent = source.sent;
  if (restart) restartQueue(queue);
}

/** Forgets a queue with all its fragments. */
export function removeQueue(queue: FragmentQueue): void {
  unlinkHash(queue);
  unlinkAge(queue);
  freeFragments(queue);
  if (queue.source != 0) releaseSource(changetype<FragmentSource>(queue.source));
  freeChain(changetype<usize>(queue));
}

/** As ip_frag_reinit(): its time starts anew, what is known of its longest fragments stays. */
function restartQueue(queue: FragmentQueue): void {
  freeFragments(queue);
  queue.firstRun = 0;
  queue.lastRun = 0;
  queue.tail = 0;
  queue.hasFirst = false;
  queue.hasLast = false;
  queue.bytes = 0;
  queue.heldBytes = 0;
  queue.ecnSeen = 0;
  queue.headerBytesMin = 0;
  unlinkAge(queue);
  appendNewest(queue);
}

function freeFragments(queue: FragmentQueue): void {
  let run = queue.firstRun;
  while (run != 0) {
    const nextRun = changetype<HeldFragment>(run).nextRun;
    while (run != 0) {
      const fragment = changetype<HeldFragment>(run);
      run = fragment.next;
      freeFragment(fragment);
    }
    run = nextRun;
  }
}

/** A queue whose time is over, or 0. What came first goes first, so nothing else is looked at. */
export function expiredQueue(): usize {
  if (load<u64>(oldest) == 0) return 0;
  const queue = expiredOf(0);
  return queue != 0 ? queue : expiredOf(4);
}

function expiredOf(list: usize): usize {
  const queue: usize = load<u32>(oldest + list);
  return queue != 0 && <i32>(clock() - changetype<FragmentQueue>(queue).expiresAt) >= 0 ? queue : 0;
}

function isOf(queue: usize, hash: u32, key: FragmentKey): bool {
  if (changetype<FragmentQueue>(queue).hash != hash) return false;
  return memory.compare(queue + KEY, changetype<usize>(key), KEY_WORDS << 3) == 0;
}

/** Keyed with the seed, against queues that are made to meet. */
function hashOf(key: FragmentKey): u32 {
  let hash = load<u64>(engine, Engine.SEED);
  for (let word: u32 = 0; word < KEY_WORDS; word++) {
    hash = (hash ^ load<u64>(changetype<usize>(key) + (<usize>word << 3))) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return <u32>(hash >> 32);
}

function headOf(hash: u32): usize {
  return heads + (<usize>(hash & (HEADS - 1)) << 2);
}

function familyOf(queue: FragmentQueue): u32 {
  return changetype<FragmentKey>(changetype<usize>(queue) + KEY).family;
}

function listOf(queue: FragmentQueue): usize {
  return familyOf(queue) == 4 ? 0 : 4;
}

/** The queue's time starts now, so it is the last of its family to run out. */
function appendNewest(queue: FragmentQueue): void {
  const timeout = familyOf(queue) == 4 ? State.TIMEOUT_FRAGMENT : State.TIMEOUT_FRAGMENT6;
  queue.expiresAt = clock() + timeoutMilliseconds(timeout);
  const list = listOf(queue);
  const last: usize = load<u32>(newest + list);
  queue.older = last;
  queue.newer = 0;
  if (last != 0) changetype<FragmentQueue>(last).newer = changetype<usize>(queue);
  else store<u32>(oldest + list, <u32>changetype<usize>(queue));
  store<u32>(newest + list, <u32>changetype<usize>(queue));
}

function unlinkAge(queue: FragmentQueue): void {
  const list = listOf(queue);
  if (queue.older != 0) changetype<FragmentQueue>(queue.older).newer = queue.newer;
  else store<u32>(oldest + list, <u32>queue.newer);
  if (queue.newer != 0) changetype<FragmentQueue>(queue.newer).older = queue.older;
  else store<u32>(newest + list, <u32>queue.older);
}

function unlinkHash(queue: FragmentQueue): void {
  const head = headOf(queue.hash);
  let at: usize = load<u32>(head);
  if (at == changetype<usize>(queue)) {
    store<u32>(head, <u32>queue.next);
    return;
  }
  while (changetype<FragmentQueue>(at).next != changetype<usize>(queue)) at = changetype<FragmentQueue>(at).next;
  changetype<FragmentQueue>(at).next = queue.next;
}
