/** Lists of addresses and when each was seen (xt_recent), for iptables' session affinity and for whoever knocks too often. */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Program from "../layout/program";
import * as Wire from "../layout/wire";
import * as Descriptor from "../layout/descriptor";
import { isTrying } from "../follow/trial";
import { clock, engine } from "../memory/engine";
import { clear16, copy16, mask16 } from "../memory/words";
import { Packet } from "../packet";
import { ADDRESS_BYTES, addEntry, entryAt, findEntry, removeEntry, renewEntry } from "./recent-entries";
import { forgetTimes, isTimeKept, keepTime, resizeTimes, timeBefore } from "./recent-times";

/** What checkRecent() says. */
export const RECENT_NO_MATCH: u32 = 0;
export const RECENT_MATCH: u32 = 1;
export const RECENT_NO_ROOM: u32 = 2;

/** The module's parameter ip_list_tot: a longer list forgets its oldest address. */
const LIST_MAX: u32 = 100;
/** So many times the kernel keeps of an address anyway (nstamp_mask + 1). */
const KERNEL_TIMES: u32 = 32;

const wanted: usize = memory.data(16, 16);

/** recent_mt(): looks the packet's address up in the instruction's list and does there what the instruction says. */
export function checkRecent(packet: Packet, at: usize): u32 {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const list = program + load<u32>(at, Instructions.X);
  const id = <u32>((list - program - load<u32>(program, Program.RECENT_LISTS)) / Program.LIST_SIZE);
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const operation = options & Instructions.RECENT_OPERATION_MASK;
  const ttl = ttlOf(packet);
  setWanted(packet, list, options);
  const entry = findEntry(id, wanted, packet.family, (options & Instructions.RECENT_TTL) != 0 ? ttl : 0);
  const inverted = (options & Instructions.RECENT_INVERT) != 0;
  if (entry == 0) {
    if (operation != Instructions.RECENT_SET) return u32(inverted);
    if (!isTrying() && !add(list, id, packet.family, ttl)) return RECENT_NO_ROOM;
    return u32(!inverted);
  }
  const isSaid = isTimeless(operation) || isSeen(list, entry, at);
  const matches = isSaid != inverted;
  if (isTrying()) return u32(matches);
  if (operation == Instructions.RECENT_REMOVE) remove(list, entry);
  else if (!isTimeless(operation) && (options & Instructions.RECENT_REAP) != 0) reap(list, entry, at, matches);
  const isRenewed = operation == Instructions.RECENT_SET || (operation == Instructions.RECENT_UPDATE && matches);
  if (isRenewed && !renew(list, entry, ttl)) return RECENT_NO_ROOM;
  return u32(matches);
}

/** Takes the lists over from the program before (0: none); the addresses of lists that the new one lacks are forgotten. */
export function adoptRecent(old: usize, program: usize): void {
  if (old == 0) return;
  const lists = load<u32>(old, Program.RECENT_LIST_COUNT);
  for (let id: u32 = 0; id < lists; id++) {
    const from = listAt(old, id);
    if (load<u32>(from, Program.LIST_COUNT) == 0) continue;
    const to = id < load<u32>(program, Program.RECENT_LIST_COUNT) ? listAt(program, id) : 0;
    if (to == 0 || load<u16>(to, Program.LIST_IS_USED) == 0 || isFlushed(from, to)) clear(from);
    else adopt(from, to);
  }
}

/** recent_mt_check(): more times than the kernel keeps find no room in a list that is there. */
function isFlushed(from: usize, to: usize): bool {
  return timesOf(to) > timesOf(from);
}

function timesOf(list: usize): u32 {
  const hits: u32 = load<u16>(list, Program.LIST_HITS);
  return hits <= KERNEL_TIMES ? KERNEL_TIMES : 1 << (32 - clz<u32>(hits - 1));
}

function clear(list: usize): void {
  while (load<u32>(list, Program.LIST_COUNT) != 0) remove(list, load<u32>(list, Program.LIST_OLDEST));
}

/** A list that is there keeps its mask (recent_mt_check). */
function adopt(from: usize, to: usize): void {
  store<u32>(to, load<u32>(from, Program.LIST_COUNT), Program.LIST_COUNT);
  store<u32>(to, load<u32>(from, Program.LIST_OLDEST), Program.LIST_OLDEST);
  store<u32>(to, load<u32>(from, Program.LIST_NEWEST), Program.LIST_NEWEST);
  copy16(to + Program.LIST_MASK, from + Program.LIST_MASK);
  if (load<u16>(from, Program.LIST_HITS) == load<u16>(to, Program.LIST_HITS)) return;
  for (let entry = load<u32>(to, Program.LIST_OLDEST); entry != 0; entry = entryAt(entry).newer) resizeTimes(entry, from, to);
}

/** Whoever is listed matches, whenever it was seen. */
function isTimeless(operation: u32): bool {
  return operation == Instructions.RECENT_SET || operation == Instructions.RECENT_REMOVE;
}

/** Seen often enough, at most so many milliseconds ago. */
function isSeen(list: usize, entry: u32, at: usize): bool {
  const milliseconds = load<u32>(at, Instructions.Y);
  const hits: u32 = load<u8>(at, Instructions.LENGTH);
  if (hits <= 1) return isWithin(entryAt(entry).seen, milliseconds);
  return isTimeKept(entry, hits - 1) && isWithin(timeBefore(list, entry, hits - 1), milliseconds);
}

/** At most so many milliseconds ago; 0: whenever. */
function isWithin(time: u32, milliseconds: u32): bool {
  return milliseconds == 0 || clock() - time <= milliseconds;
}

/** recent_entry_reap(): the oldest address goes if it is too old, unless it is about to be renewed. */
function reap(list: usize, entry: u32, at: usize, matches: bool): void {
  const oldest = load<u32>(list, Program.LIST_OLDEST);
  const operation = <u32>load<u8>(at, Instructions.OPTIONS) & Instructions.RECENT_OPERATION_MASK;
  const isRenewed = matches && operation == Instructions.RECENT_UPDATE;
  const isOld = !isWithin(entryAt(oldest).seen, load<u32>(at, Instructions.Y));
  if (isOld && !(isRenewed && oldest == entry)) remove(list, oldest);
}

function add(list: usize, id: u32, family: u32, ttl: u32): bool {
  if (load<u32>(list, Program.LIST_COUNT) >= LIST_MAX) remove(list, load<u32>(list, Program.LIST_OLDEST));
  const entry = addEntry(list, id, wanted, family);
  if (entry != 0) entryAt(entry).ttl = <u8>ttl;
  return entry != 0;
}

function renew(list: usize, entry: u32, ttl: u32): bool {
  if (!keepTime(list, entry)) return false;
  renewEntry(list, entry);
  entryAt(entry).ttl = <u8>ttl;
  return true;
}

function remove(list: usize, entry: u32): void {
  forgetTimes(entry);
  removeEntry(list, entry);
}

/** The bits that count of the packet's address. */
function setWanted(packet: Packet, list: usize, options: u32): void {
  const isDestination = (options & Instructions.RECENT_DESTINATION) != 0;
  clear16(wanted);
  if (packet.family == 4) {
    store<u32>(wanted, load<u32>(packet.address + (isDestination ? Wire.IP4_DST : Wire.IP4_SRC)));
  } else {
    memory.copy(wanted, packet.address + (isDestination ? Wire.IP6_DST : Wire.IP6_SRC), ADDRESS_BYTES);
  }
  mask16(wanted, list + Program.LIST_MASK);
}

/** The packet's TTL before the node took one off. */
function ttlOf(packet: Packet): u32 {
  const ttl: u32 = load<u8>(packet.address + (packet.family == 4 ? Wire.IP4_TTL : Wire.IP6_HOP_LIMIT));
  const isLeaving = packet.hook == Program.HOOK_FORWARD || packet.hook == Program.HOOK_POSTROUTING;
  return isLeaving && (packet.flags & Descriptor.FLAG_FROM_HOST) == 0 ? (ttl + 1) & 0xff : ttl;
}

function listAt(program: usize, id: u32): usize {
  return program + load<u32>(program, Program.RECENT_LISTS) + <usize>id * Program.LIST_SIZE;
}
