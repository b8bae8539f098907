/**
 * Memory for fragments that wait: blocks of one size in a list of free ones, carved once. A fragment takes as many as
 * it needs, a queue takes one. When all are in use fragments are refused, as they are above the kernel's
 * ipfrag_high_thresh; nothing that waits is thrown out for them.
 */

import * as Engine from "../layout/engine";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";

export const BLOCK_BYTES: u32 = 512;

/** What every block begins with: the next one of its chain, or 0. */
@final @unmanaged
export class Block {
  more: usize;
}

let free: usize = 0;
let freeCount: u32 = 0;

/** Carves FRAGMENT_BYTES and frees all of it. False: there is not so much memory. */
export function initPool(): bool {
  const count = load<u32>(engine, Engine.FRAGMENT_BYTES) / BLOCK_BYTES;
  const first = carve(<u64>count * BLOCK_BYTES);
  if (first == 0) return false;
  free = 0;
  freeCount = 0;
  for (let index: u32 = count; index > 0; index--) freeBlock(first + <usize>(index - 1) * BLOCK_BYTES);
  return true;
}

export function hasBlocks(count: u32): bool {
  return freeCount >= count;
}

/** Takes a block, all zeros. Only where hasBlocks() said so. */
export function takeBlock(): usize {
  assert(freeCount > 0, "the fragment memory is used up");
  const block = free;
  free = changetype<Block>(block).more;
  freeCount--;
  memory.fill(block, 0, BLOCK_BYTES);
  return block;
}

/** Gives back a block and all that hang on it. */
export function freeChain(block: usize): void {
  while (block != 0) {
    const next = changetype<Block>(block).more;
    freeBlock(block);
    block = next;
  }
}

function freeBlock(block: usize): void {
  changetype<Block>(block).more = free;
  free = block;
  freeCount++;
}
