/**
 * Elements that rules add while packets flow (session affinity): one keyed hash table for all dynamic sets, 64 bytes
 * an element, open addressing with linear probing. Deleting moves later elements back, so there are no tombstones.
 *
 *      0      4        8            12       16                       64
 *      ├ hash ┼ set id ┼ expires at ┼ unused ┼ key, value, state, 0s ─┤
 *
 * Elements belong to a set id and outlive programs; the count of a set's elements stands in the active program. An
 * expired element is gone for everybody; its slot is freed by whoever meets it.
 */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { carve } from "../memory/arena";
import { clock, count, engine } from "../memory/engine";
import { hashKey } from "./hash";

const ELEMENT_SIZE_LOG2: usize = 6;
const ELEMENT_SIZE: usize = 64;
const HASH: usize = 0;
const SET_ID: usize = 4;
/** Milliseconds on the engine's clock; 0: never. */
const EXPIRES_AT: usize = 8;
const KEY: usize = 16;

/** Slots that each insertion looks at to free expired elements that nobody asks for. */
const SWEEP_SLOTS: u32 = 8;

let table: usize = 0;
let mask: u32 = 0;
let used: u32 = 0;
let sweepAt: u32 = 0;
let current: usize = 0;

/** Carves the table, at most half full at DYNAMIC_MAX elements. False: there is no memory. */
export function initSets(): bool {
  const elements = max<u32>(load<u32>(engine, Engine.DYNAMIC_MAX), 1);
  const slots: u64 = (<u64>1) << (64 - clz<u64>(<u64>elements * 2 - 1));
  table = carve(slots << ELEMENT_SIZE_LOG2);
  mask = <u32>slots - 1;
  used = 0;
  return table != 0;
}

/** Whether the dynamic set holds the key. */
export function hasDynamic(set: usize, key: usize): bool {
  current = find(set, key, hashOf(set, key));
  return load<u32>(current, HASH) != 0;
}

/** Address of the value that a dynamic map has for the key; 0: no such element. */
export function findDynamic(set: usize, key: usize): usize {
  return hasDynamic(set, key) ? current + KEY + load<u8>(set, Program.SET_KEY_BYTES) : 0;
}

/** The element that was found or added last: what it keeps for itself is counted from its first byte. */
export function currentElement(): usize {
  return current;
}

/**
 * Adds the key, and behind it the value of a map's element; an element that is there already gets its timeout anew if `refresh`. `timeout` in milliseconds, 0: the
 * set's own. False: there is no room, in the set or in the table.
 */
export function addDynamic(set: usize, key: usize, timeout: u32, refresh: bool): bool {
  sweepSome();
  const hash = hashOf(set, key);
  const element = find(set, key, hash);
  const isNew = load<u32>(element, HASH) == 0;
  if (isNew) {
    if (isFull(set)) {
      count(Engine.SETS_FULL);
      return false;
    }
    memory.fill(element, 0, ELEMENT_SIZE);
    store<u32>(element, hash, HASH);
    store<u32>(element, load<u32>(set, Program.SET_ID), SET_ID);
    memory.copy(element + KEY, key, <u32>load<u8>(set, Program.SET_KEY_BYTES) + load<u8>(set, Program.SET_VALUE_BYTES));
    store<u32>(set, load<u32>(set, Program.SET_COUNT) + 1, Program.SET_COUNT);
    used++;
  }
  current = element;
  if (isNew || refresh) {
    store<u32>(element, expiry(timeout != 0 ? timeout : load<u32>(set, Program.SET_TIMEOUT)), EXPIRES_AT);
  }
  return true;
}

/** Takes the key out of the set, if it is there. */
export function deleteDynamic(set: usize, key: usize): void {
  const element = find(set, key, hashOf(set, key));
  if (load<u32>(element, HASH) != 0) remove(element);
}

/**
 * Lets a new program's sets have the elements of their ids; elements of sets that it does not have are removed. Sets that
 * the program before (0: none) did not have get the elements that they begin with.
 */
export function adoptSets(before: usize, program: usize): void {
  for (let slot: u32 = 0; slot <= mask && used > 0; slot++) {
    const element = elementAt(slot);
    while (load<u32>(element, HASH) != 0 && setOf(program, load<u32>(element, SET_ID)) == 0) remove(element);
  }
  for (let slot: u32 = 0; slot <= mask && used > 0; slot++) {
    const element = elementAt(slot);
    if (load<u32>(element, HASH) == 0) continue;
    const set = setOf(program, load<u32>(element, SET_ID));
    store<u32>(set, load<u32>(set, Program.SET_COUNT) + 1, Program.SET_COUNT);
  }
  const sets = load<u32>(program, Program.DYNAMIC_SET_COUNT);
  for (let id: u32 = 0; id < sets; id++) {
    const set = setOf(program, id);
    if (set != 0 && (before == 0 || setOf(before, id) == 0)) addInitial(program, set);
  }
}

function addInitial(program: usize, set: usize): void {
  const stride: usize = load<u32>(set, Program.SET_STRIDE);
  const first = program + load<u32>(set, Program.SET_ELEMENTS);
  const end = first + stride * load<u32>(set, Program.SET_MASK);
  for (let at = first; at < end; at += stride) addDynamic(set, at + Program.INITIAL_KEY, load<u32>(at), false);
}

/** The key's element, or the free slot where it would be. Expired elements on the way are removed. */
function find(set: usize, key: usize, hash: u32): usize {
  const id = load<u32>(set, Program.SET_ID);
  const bytes: u32 = load<u8>(set, Program.SET_KEY_BYTES);
  let slot = hash & mask;
  while (true) {
    const element = elementAt(slot);
    const tag = load<u32>(element, HASH);
    if (tag == 0) return element;
    if (isExpired(element)) {
      remove(element);
      continue;
    }
    if (tag == hash && load<u32>(element, SET_ID) == id && memory.compare(element + KEY, key, bytes) == 0) return element;
    slot = (slot + 1) & mask;
  }
}

/** Frees an element's slot and closes the gap that it would leave in the runs of others. */
function remove(element: usize): void {
  const set = setOf(load<u32>(engine, Engine.PROGRAM), load<u32>(element, SET_ID));
  if (set != 0) store<u32>(set, max<u32>(load<u32>(set, Program.SET_COUNT), 1) - 1, Program.SET_COUNT);
  used--;
  let gap = <u32>((element - table) >> ELEMENT_SIZE_LOG2);
  let slot = gap;
  while (true) {
    slot = (slot + 1) & mask;
    const tag = load<u32>(elementAt(slot), HASH);
    if (tag == 0) break;
    const distance = (slot - (tag & mask)) & mask;
    if (distance < ((slot - gap) & mask)) continue;
    memory.copy(elementAt(gap), elementAt(slot), ELEMENT_SIZE);
    gap = slot;
  }
  store<u32>(elementAt(gap), 0, HASH);
}

function sweepSome(): void {
  for (let i: u32 = 0; i < SWEEP_SLOTS; i++) {
    const element = elementAt(sweepAt);
    while (load<u32>(element, HASH) != 0 && isExpired(element)) remove(element);
    sweepAt = (sweepAt + 1) & mask;
  }
}

function isFull(set: usize): bool {
  if (used >= load<u32>(engine, Engine.DYNAMIC_MAX)) return true;
  const limit = load<u32>(set, Program.SET_LIMIT);
  return limit != 0 && load<u32>(set, Program.SET_COUNT) >= limit;
}

function isExpired(element: usize): bool {
  const at = load<u32>(element, EXPIRES_AT);
  return at != 0 && <i32>(clock() - at) >= 0;
}

function expiry(timeout: u32): u32 {
  return timeout == 0 ? 0 : max<u32>(clock() + timeout, 1);
}

/** The seed keeps strangers from choosing keys that share a run. */
function hashOf(set: usize, key: usize): u32 {
  const seed = load<u32>(engine, Engine.SEED) ^ load<u32>(engine, Engine.SEED + 4);
  return hashKey(key, load<u8>(set, Program.SET_KEY_BYTES), seed + load<u32>(set, Program.SET_ID));
}

/** The set of an id in a program; 0: it has none. */
function setOf(program: usize, id: u32): usize {
  if (id >= load<u32>(program, Program.DYNAMIC_SET_COUNT)) return 0;
  const offset: usize = load<u32>(program + load<u32>(program, Program.DYNAMIC_SETS) + (<usize>id << 2));
  return offset == 0 ? 0 : program + offset;
}

function elementAt(slot: u32): usize {
  return table + (<usize>slot << ELEMENT_SIZE_LOG2);
}
