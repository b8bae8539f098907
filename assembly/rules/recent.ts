/**
 * Lists of source addresses and when each was last seen (xt_recent), for iptables' session affinity. All lists share one
 * pool of entries, found by hash chains; the entries of a list are linked from the oldest to the newest.
 *
 *      0      4         8       12      16     20       24                40
 *      ├ next ┼ list id ┼ older ┼ newer ┼ seen ┼ family ┼ address ────────┤
 *
 * Links are numbers of entries, from 1; 0 ends a chain. The ends of a list stand in its header, in the active program.
 * Of the kernel's many times per address only the newest counts, because no rule asks for hits.
 */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Program from "../layout/program";
import * as Wire from "../layout/wire";
import { isTrying } from "../follow/trial";
import { carve } from "../memory/arena";
import { clock, count, engine } from "../memory/engine";
import { Packet } from "../packet";
import { hashKey } from "./hash";

/** What checkRecent() says. */
export const RECENT_UNLISTED: u32 = 0;
export const RECENT_LISTED: u32 = 1;
export const RECENT_NO_ROOM: u32 = 2;

/** The module's parameter ip_list_tot: a longer list forgets its oldest address. */
const LIST_MAX: u32 = 100;

@final @unmanaged
class Entry {
  next: u32;
  list: u32;
  older: u32;
  newer: u32;
  /** Milliseconds on the engine's clock. */
  seen: u32;
  family: u32;
}

const ADDRESS: usize = 24;
const ADDRESS_BYTES: u32 = 16;
const ENTRY_SIZE: usize = 40;
if (offsetof<Entry>() != ADDRESS) ERROR("an entry's address is not where its picture says");

const wanted: usize = memory.data(16, 16);

let entries: usize = 0;
let buckets: usize = 0;
let mask: u32 = 0;
/** Entries that have been in use, and the first of those that are free again. */
let touched: u32 = 0;
let free: u32 = 0;

/** Carves room for DYNAMIC_MAX addresses. False: there is no memory. */
export function initRecent(): bool {
  const capacity = max<u32>(load<u32>(engine, Engine.DYNAMIC_MAX), 1);
  const size: u64 = (<u64>1) << (64 - clz<u64>(capacity - 1));
  entries = carve(<u64>capacity * ENTRY_SIZE);
  buckets = carve(size << 2);
  mask = <u32>size - 1;
  return entries != 0 && buckets != 0;
}

/** recent_mt(): looks the packet's source up in the instruction's list and does there what the instruction says. */
export function checkRecent(packet: Packet, at: usize): u32 {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const list = program + load<u32>(at, Instructions.X);
  const id = <u32>((list - program - load<u32>(program, Program.RECENT_LISTS)) / Program.LIST_SIZE);
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const operation = options & Instructions.RECENT_OPERATION_MASK;
  setWanted(packet);
  const entry = find(id, packet.family);
  if (isTrying()) return tried(entry, operation, load<u32>(at, Instructions.Y));
  if (operation == Instructions.RECENT_SET) {
    if (entry == 0) return u32(add(list, id, packet.family)) ? RECENT_LISTED : RECENT_NO_ROOM;
    renew(list, entry);
    return RECENT_LISTED;
  }
  if (entry == 0) return RECENT_UNLISTED;
  if (operation == Instructions.RECENT_REMOVE) {
    remove(list, entry);
    return RECENT_LISTED;
  }
  return check(list, entry, options, load<u32>(at, Instructions.Y));
}

/** Takes the lists over from the program before (0: none); the addresses of lists that the new one lacks are forgotten. */
export function adoptRecent(old: usize, program: usize): void {
  if (old == 0) return;
  const lists = load<u32>(old, Program.RECENT_LIST_COUNT);
  for (let id: u32 = 0; id < lists; id++) {
    const from = listAt(old, id);
    if (load<u32>(from, Program.LIST_COUNT) == 0) continue;
    const isKept = id < load<u32>(program, Program.RECENT_LIST_COUNT) && load<u32>(listAt(program, id)) != 0;
    if (isKept) memory.copy(listAt(program, id), from, Program.LIST_SIZE);
    else while (load<u32>(from, Program.LIST_COUNT) != 0) remove(from, load<u32>(from, Program.LIST_OLDEST));
  }
}

/** What the instruction would say; a trial changes nothing. */
function tried(entry: u32, operation: u32, milliseconds: u32): u32 {
  if (operation == Instructions.RECENT_SET) return RECENT_LISTED;
  if (entry == 0) return RECENT_UNLISTED;
  return operation == Instructions.RECENT_REMOVE || isWithin(entry, milliseconds) ? RECENT_LISTED : RECENT_UNLISTED;
}

/** --rcheck and --update. With --reap the oldest address goes if it is too old, unless it has just been renewed. */
function check(list: usize, entry: u32, options: u32, milliseconds: u32): u32 {
  const isListed = isWithin(entry, milliseconds);
  const isRenewed = isListed && (options & Instructions.RECENT_OPERATION_MASK) == Instructions.RECENT_UPDATE;
  if ((options & Instructions.RECENT_REAP) != 0) {
    const oldest = load<u32>(list, Program.LIST_OLDEST);
    if (!(isRenewed && oldest == entry) && !isWithin(oldest, milliseconds)) remove(list, oldest);
  }
  if (isRenewed) renew(list, entry);
  return isListed ? RECENT_LISTED : RECENT_UNLISTED;
}

/** Seen at most so many milliseconds ago; 0: whenever. */
function isWithin(entry: u32, milliseconds: u32): bool {
  return milliseconds == 0 || clock() - entryAt(entry).seen <= milliseconds;
}

function setWanted(packet: Packet): void {
  memory.fill(wanted, 0, ADDRESS_BYTES);
  if (packet.family == 4) store<u32>(wanted, load<u32>(packet.address, Wire.IP4_SRC));
  else memory.copy(wanted, packet.address + Wire.IP6_SRC, ADDRESS_BYTES);
}

/** The entry of the wanted address, or 0. */
function find(list: u32, family: u32): u32 {
  let number = load<u32>(bucketOf(list, wanted));
  while (number != 0) {
    const entry = entryAt(number);
    const isSame = entry.list == list && entry.family == family;
    if (isSame && memory.compare(addressOf(number), wanted, ADDRESS_BYTES) == 0) return number;
    number = entry.next;
  }
  return 0;
}

/** A new entry for the wanted address. False: there is no memory for it. */
function add(list: usize, id: u32, family: u32): bool {
  if (load<u32>(list, Program.LIST_COUNT) >= LIST_MAX) remove(list, load<u32>(list, Program.LIST_OLDEST));
  let number = free;
  if (number != 0) {
    free = entryAt(number).next;
  } else {
    if (touched >= max<u32>(load<u32>(engine, Engine.DYNAMIC_MAX), 1)) {
      count(Engine.SETS_FULL);
      return false;
    }
    number = ++touched;
  }
  const entry = entryAt(number);
  const bucket = bucketOf(id, wanted);
  entry.list = id;
  entry.family = family;
  memory.copy(addressOf(number), wanted, ADDRESS_BYTES);
  entry.next = load<u32>(bucket);
  store<u32>(bucket, number);
  append(list, number);
  return true;
}

/** The address has been seen now: its entry becomes the newest. */
function renew(list: usize, number: u32): void {
  unlink(list, number);
  append(list, number);
}

function remove(list: usize, number: u32): void {
  const entry = entryAt(number);
  unlink(list, number);
  const bucket = bucketOf(entry.list, addressOf(number));
  if (load<u32>(bucket) == number) {
    store<u32>(bucket, entry.next);
  } else {
    let before = load<u32>(bucket);
    while (entryAt(before).next != number) before = entryAt(before).next;
    entryAt(before).next = entry.next;
  }
  entry.next = free;
  free = number;
}

function append(list: usize, number: u32): void {
  const entry = entryAt(number);
  const newest = load<u32>(list, Program.LIST_NEWEST);
  entry.seen = clock();
  entry.older = newest;
  entry.newer = 0;
  if (newest != 0) entryAt(newest).newer = number;
  else store<u32>(list, number, Program.LIST_OLDEST);
  store<u32>(list, number, Program.LIST_NEWEST);
  store<u32>(list, load<u32>(list, Program.LIST_COUNT) + 1, Program.LIST_COUNT);
}

function unlink(list: usize, number: u32): void {
  const entry = entryAt(number);
  if (entry.older != 0) entryAt(entry.older).newer = entry.newer;
  else store<u32>(list, entry.newer, Program.LIST_OLDEST);
  if (entry.newer != 0) entryAt(entry.newer).older = entry.older;
  else store<u32>(list, entry.older, Program.LIST_NEWEST);
  store<u32>(list, load<u32>(list, Program.LIST_COUNT) - 1, Program.LIST_COUNT);
}

/** The seed keeps strangers from choosing addresses that share a bucket. */
function bucketOf(list: u32, address: usize): usize {
  const seed = load<u32>(engine, Engine.SEED) ^ load<u32>(engine, Engine.SEED + 4);
  return buckets + (<usize>(hashKey(address, ADDRESS_BYTES, seed + list) & mask) << 2);
}

function listAt(program: usize, id: u32): usize {
  return program + load<u32>(program, Program.RECENT_LISTS) + <usize>id * Program.LIST_SIZE;
}

function entryAt(number: u32): Entry {
  return changetype<Entry>(entries + <usize>(number - 1) * ENTRY_SIZE);
}

function addressOf(number: u32): usize {
  return changetype<usize>(entryAt(number)) + ADDRESS;
}
