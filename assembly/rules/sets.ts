/** Lookups in a program's sets and maps, by kind (layout/program.ts, SET_*). */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { engine } from "../memory/engine";
import { hasDynamic } from "./dynamic";
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
  if (kind == Program.SET_HASH) return findHashed(set, key);
  if (kind == Program.SET_INTERVAL) return findInterval(set, key);
  assert(kind == Program.SET_ARRAY, "a set of unknown kind");
  const index = load<u32>(key);
  return index < load<u32>(set, Program.SET_COUNT) ? elementsOf(set) + <usize>index * load<u32>(set, Program.SET_STRIDE) : 0;
}

function findHashed(set: usize, key: usize): usize {
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
