/** Lookups in a program's sets and maps, by kind (layout/program.ts, SET_*). */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { engine } from "../memory/engine";
import { findDynamic, hasDynamic } from "./dynamic";
import { hashKey } from "./hash";

/** In front of the key of a HASH element stands its tag. */
const TAG_BYTES: u32 = 4;

/** Whether the set holds the key. */
export function hasElement(set: usize, key: usize): bool {
  if (load<u8>(set, Program.SET_KIND) == Program.SET_DYNAMIC) return hasDynamic(set, key);
  return findValue(set, key) != 0;
}

/** Address of the value that a map has for the key (of what follows the key, in a set); 0: no such element. */
export function findValue(set: usize, key: usize): usize {
  const kind: u32 = load<u8>(set, Program.SET_KIND);
  if (kind == Program.SET_DYNAMIC) return findDynamic(set, key);
  const value = findListed(set, key, kind);
  const fallback: usize = load<u32>(set, Program.SET_DEFAULT);
  return value != 0 || fallback == 0 ? value : load<u32>(engine, Engine.PROGRAM) + fallback;
}

function findListed(set: usize, key: usize, kind: u32): usize {
  if (load<u32>(set, Program.SET_COUNT) == 0) return 0;
  if (kind == Program.SET_HASH) return findHashed(set, key);
  if (kind == Program.SET_INTERVAL) return findInterval(set, key);
  if (kind == Program.SET_FIELDS) return findFields(set, key);
  assert(kind == Program.SET_ARRAY, "a set of unknown kind");
  const index = load<u32>(key);
  return index < load<u32>(set, Program.SET_COUNT) ? elementsOf(set) + <usize>index * load<u32>(set, Program.SET_STRIDE) : 0;
}

function findHashed(set: usize, key: usize): usize {
  const twinBytes: u32 = load<u8>(set, Program.SET_TWIN_BYTES);
  if (twinBytes != 0 && !isSameKey(key, key + twinBytes, twinBytes)) return 0;
  const bytes: u32 = load<u8>(set, Program.SET_KEY_BYTES);
  const hash = hashKey(key, bytes, 0);
  const mask = load<u32>(set, Program.SET_MASK);
  const stride: usize = load<u32>(set, Program.SET_STRIDE);
  const elements = elementsOf(set);
  let slot = hash & mask;
  while (true) {
    const element = elements + slot * stride;
    const tag = load<u32>(element);
    if (tag == 0) return 0;
    if (tag == hash && isSameKey(element + TAG_BYTES, key, bytes)) return element + TAG_BYTES + bytes;
    slot = (slot + 1) & mask;
  }
}

/** The last interval that starts at the key or before it, if it does not end before it. */
function findInterval(set: usize, key: usize): usize {
  const bytes: usize = load<u8>(set, Program.SET_KEY_BYTES);
  const stride: usize = load<u32>(set, Program.SET_STRIDE);
  const elements = elementsOf(set);
  let low: u32 = 0;
  let high = load<u32>(set, Program.SET_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (memory.compare(elements + middle * stride, key, bytes) <= 0) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return 0;
  const last = elements + (low - 1) * stride + bytes;
  return memory.compare(key, last, bytes) <= 0 ? last + bytes : 0;
}

/** Of the elements whose first field begins at the key's or before it, the last that has all of the key's fields. */
function findFields(set: usize, key: usize): usize {
  const widths = load<u32>(set, Program.SET_MASK);
  const firstBytes: usize = fieldBytes(widths);
  const keyBytes: usize = load<u8>(set, Program.SET_KEY_BYTES);
  const stride: usize = load<u32>(set, Program.SET_STRIDE);
  const elements = elementsOf(set);
  let low: u32 = 0;
  let high = load<u32>(set, Program.SET_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (memory.compare(elements + middle * stride + firstBytes, key, firstBytes) <= 0) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index > 0; index--) {
    const element = elements + (index - 1) * stride;
    if (memory.compare(element, key, firstBytes) < 0) return 0;
    const lowest = element + firstBytes;
    if (hasFields(lowest, lowest + keyBytes, key, keyBytes, widths)) return lowest + keyBytes * 2;
  }
  return 0;
}

function hasFields(lowest: usize, highest: usize, key: usize, keyBytes: usize, widths: u32): bool {
  for (let at: usize = 0; at < keyBytes; widths >>= 2) {
    const bytes: usize = fieldBytes(widths);
    if (memory.compare(key + at, lowest + at, bytes) < 0 || memory.compare(key + at, highest + at, bytes) > 0) return false;
    at += bytes;
  }
  return true;
}

/** Bytes of the field whose width stands in the lowest bits. */
function fieldBytes(widths: u32): u32 {
  return ((widths & 3) + 1) << 2;
}

function isSameKey(a: usize, b: usize, bytes: u32): bool {
  const end = a + bytes;
  while (a < end) {
    if (load<u32>(a) != load<u32>(b)) return false;
    a += 4;
    b += 4;
  }
  return true;
}

/** Offsets count from the program's first byte. */
function elementsOf(set: usize): usize {
  return load<u32>(engine, Engine.PROGRAM) + load<u32>(set, Program.SET_ELEMENTS);
}
