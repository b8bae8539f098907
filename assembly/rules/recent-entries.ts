/**
 * Addresses in lists, and when each was last seen: what recent.ts asks. All lists share one pool of slots; entries are
 * found by hash chains, oldest first, and those of a list are linked from the one seen longest ago to the newest.
 *
 *      0      4         8       12      16     20       21    22       24      28       30     32                48
 *      ├ next ┼ list id ┼ older ┼ newer ┼ seen ┼ family ┼ TTL ┼ earlier ┼ block ┼ cursor ┼     ┼ address ────────┤
 *
 * Links are numbers of slots, from 1; 0 ends a chain. The ends of a list stand in its header, in the active program.
 */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { carve } from "../memory/arena";
import { clock, count, engine } from "../memory/engine";
import { hashKey } from "./hash";

export const ADDRESS_BYTES: u32 = 16;
export const SLOT_SIZE: usize = 48;
const ADDRESS: usize = 32;

@final @unmanaged
export class Entry {
  next: u32;
  list: u32;
  older: u32;
  newer: u32;
  /** Milliseconds on the engine's clock. */
  seen: u32;
  family: u8;
  ttl: u8;
  /** Times before `seen` that are kept, where rules ask for them, from which block on, and where the next goes (recent-times.ts). */
  earlier: u16;
  block: u32;
  cursor: u16;
  private unused: u16;
}

if (offsetof<Entry>() != ADDRESS) ERROR("an entry's address is not where its picture says");

let slots: usize = 0;
let buckets: usize = 0;
let mask: u32 = 0;
/** Slots that have been in use, and the first of those that are free again. */
let touched: u32 = 0;
let free: u32 = 0;

/** Carves room for DYNAMIC_MAX addresses. False: there is no memory. */
export function initRecent(): bool {
  const size: u64 = (<u64>1) << (64 - clz<u64>(slotsMax() - 1));
  slots = carve(<u64>slotsMax() * SLOT_SIZE);
  buckets = carve(size << 2);
  mask = <u32>size - 1;
  return slots != 0 && buckets != 0;
}

/** The list's entry of the address (16 bytes), or 0. `ttl` 0: whichever TTL it has (recent_entry_lookup). */
export function findEntry(list: u32, address: usize, family: u32, ttl: u32): u32 {
  let number = load<u32>(bucketOf(list, address));
  while (number != 0) {
    const entry = entryAt(number);
    const isSame = entry.list == list && entry.family == family && (ttl == 0 || entry.ttl == 0 || entry.ttl == ttl);
    if (isSame && memory.compare(addressOf(number), address, ADDRESS_BYTES) == 0) return number;
    number = entry.next;
  }
  return 0;
}

/** A new entry, the list's newest; 0: there is no memory for it. */
export function addEntry(header: usize, list: u32, address: usize, family: u32): u32 {
  const number = takeSlot();
  if (number == 0) return 0;
  const entry = entryAt(number);
  entry.list = list;
  entry.family = <u8>family;
  memory.copy(addressOf(number), address, ADDRESS_BYTES);
  let link = bucketOf(list, address);
  while (load<u32>(link) != 0) link = changetype<usize>(entryAt(load<u32>(link)));
  store<u32>(link, number);
  append(header, number);
  return number;
}

/** The address has been seen now: its entry becomes the newest. */
export function renewEntry(header: usize, number: u32): void {
  unlink(header, number);
  append(header, number);
}

/** Frees the entry, but not the blocks that it has. */
export function removeEntry(header: usize, number: u32): void {
  unlink(header, number);
  const next = entryAt(number).next;
  let link = bucketOf(entryAt(number).list, addressOf(number));
  while (load<u32>(link) != number) link = changetype<usize>(entryAt(load<u32>(link)));
  store<u32>(link, next);
  freeSlot(number);
}

/** A cleared slot, or 0; its first word is free for a link. */
export function takeSlot(): u32 {
  let number = free;
  if (number != 0) {
    free = load<u32>(slotAt(number));
  } else {
    if (touched >= slotsMax()) {
      count(Engine.SETS_FULL);
      return 0;
    }
    number = ++touched;
  }
  memory.fill(slotAt(number), 0, SLOT_SIZE);
  return number;
}

export function freeSlot(number: u32): void {
  store<u32>(slotAt(number), free);
  free = number;
}

export function slotAt(number: u32): usize {
  return slots + <usize>(number - 1) * SLOT_SIZE;
}

export function entryAt(number: u32): Entry {
  return changetype<Entry>(slotAt(number));
}

function append(header: usize, number: u32): void {
  const entry = entryAt(number);
  const newest = load<u32>(header, Program.LIST_NEWEST);
  entry.seen = clock();
  entry.older = newest;
  entry.newer = 0;
  if (newest != 0) entryAt(newest).newer = number;
  else store<u32>(header, number, Program.LIST_OLDEST);
  store<u32>(header, number, Program.LIST_NEWEST);
  store<u32>(header, load<u32>(header, Program.LIST_COUNT) + 1, Program.LIST_COUNT);
}

function unlink(header: usize, number: u32): void {
  const entry = entryAt(number);
  if (entry.older != 0) entryAt(entry.older).newer = entry.newer;
  else store<u32>(header, entry.newer, Program.LIST_OLDEST);
  if (entry.newer != 0) entryAt(entry.newer).older = entry.older;
  else store<u32>(header, entry.older, Program.LIST_NEWEST);
  store<u32>(header, load<u32>(header, Program.LIST_COUNT) - 1, Program.LIST_COUNT);
}

/** The seed keeps strangers from choosing addresses that share a bucket. */
function bucketOf(list: u32, address: usize): usize {
  const seed = load<u32>(engine, Engine.SEED) ^ load<u32>(engine, Engine.SEED + 4);
  return buckets + (<usize>(hashKey(address, ADDRESS_BYTES, seed + list) & mask) << 2);
}

function addressOf(number: u32): usize {
  return slotAt(number) + ADDRESS;
}

function slotsMax(): u32 {
  return max<u32>(load<u32>(engine, Engine.DYNAMIC_MAX), 1);
}
