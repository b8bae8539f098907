/**
 * When addresses were seen before they were seen last, where rules ask how often (xt_recent's --hitcount). An entry's
 * times go round in a ring of one less than the most that a rule asks for; it lies in blocks, slots of the pool of
 * entries, which are taken as times come:
 *
 *      0      4                                     48
 *      ├ next ┼ time, milliseconds on the clock × 11 ┤
 */

import * as Program from "../layout/program";
import { Entry, SLOT_SIZE, entryAt, freeSlot, slotAt, takeSlot } from "./recent-entries";

const FIRST_TIME: usize = 4;
const TIMES_PER_BLOCK: u32 = 11;
if (FIRST_TIME + <usize>TIMES_PER_BLOCK * 4 != SLOT_SIZE) ERROR("a block of times does not fill its slot");

const kept: usize = memory.data(1024, 4);

/** Keeps the time at which the address was seen last, before it is seen again. False: there is no memory for it. */
export function keepTime(header: usize, number: u32): bool {
  const ring = ringOf(header);
  return ring == 0 || push(number, ring, entryAt(number).seen);
}

/** When the address was seen the `nth` time before last, from 1: one that is kept. */
export function timeBefore(header: usize, number: u32, nth: u32): u32 {
  const ring = ringOf(header);
  const place = (entryAt(number).cursor + ring - nth) % ring;
  return load<u32>(placeOf(number, place));
}

/** Whether the address has been seen so often before. */
export function isTimeKept(number: u32, nth: u32): bool {
  return nth <= <u32>entryAt(number).earlier;
}

/** Frees what the entry keeps. */
export function forgetTimes(number: u32): void {
  const entry = entryAt(number);
  for (let block = entry.block; block != 0; ) {
    const next = load<u32>(slotAt(block));
    freeSlot(block);
    block = next;
  }
  entry.block = 0;
  entry.earlier = 0;
  entry.cursor = 0;
}

/** Another program asks for more or for less: the newest times stay, as many as it asks for and as there is memory for. */
export function resizeTimes(number: u32, before: usize, header: usize): void {
  const ring = ringOf(header);
  const count = min<u32>(entryAt(number).earlier, ring);
  for (let nth: u32 = 1; nth <= count; nth++) store<u32>(kept + (<usize>nth << 2), timeBefore(before, number, nth));
  forgetTimes(number);
  for (let nth = count; nth > 0; nth--) if (!push(number, ring, load<u32>(kept + (<usize>nth << 2)))) return;
}

function ringOf(header: usize): u32 {
  const hits: u32 = load<u16>(header, Program.LIST_HITS);
  return hits == 0 ? 0 : hits - 1;
}

function push(number: u32, ring: u32, time: u32): bool {
  const entry = entryAt(number);
  const place = placeOf(number, entry.cursor);
  if (place == 0) return false;
  store<u32>(place, time);
  entry.cursor = <u16>((<u32>entry.cursor + 1) % ring);
  if (<u32>entry.earlier < ring) entry.earlier += 1;
  return true;
}

/** Where a time of the ring stands. Its block is added where the chain ends; 0: there is no memory. */
function placeOf(number: u32, place: u32): usize {
  let block = blockBehind(changetype<usize>(entryAt(number)) + offsetof<Entry>("block"));
  for (; block != 0 && place >= TIMES_PER_BLOCK; place -= TIMES_PER_BLOCK) block = blockBehind(block);
  return block == 0 ? 0 : block + FIRST_TIME + (<usize>place << 2);
}

function blockBehind(link: usize): usize {
  if (load<u32>(link) == 0) store<u32>(link, takeSlot());
  return load<u32>(link) == 0 ? 0 : slotAt(load<u32>(link));
}
