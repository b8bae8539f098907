/** A fragment that waits: its place in the datagram, and a copy of its bytes over a chain of blocks. */

import { Packet } from "../packet";
import { BLOCK_BYTES, Block, freeChain, takeBlock } from "./pool";

@final @unmanaged
export class HeldFragment {
  /** Next block with bytes of it: the same place as in Block. */
  more: usize;
  /** Next fragment of its run: the one that begins where this one ends. */
  next: usize;
  /** Its stretch of the datagram's fragmentable part. */
  offset: u32;
  end: u32;
  /** Of a run's first fragment: where the run ends, and the first fragment of the next run. */
  runEnd: u32;
  nextRun: usize;
  /** Bytes of IP headers that are kept in front of its payload: those of the fragment at offset 0. */
  headerBytes: u32;
}

/** Blocks of one fragment: the first one holds the fields above, too. */
const FIRST_BYTES: u32 = BLOCK_BYTES - <u32>offsetof<HeldFragment>();
const MORE_BYTES: u32 = BLOCK_BYTES - <u32>offsetof<Block>();

/** Blocks that a fragment of so many bytes takes. */
export function blocksFor(bytes: u32): u32 {
  return bytes <= FIRST_BYTES ? 1 : 1 + (bytes - FIRST_BYTES + MORE_BYTES - 1) / MORE_BYTES;
}

/** Keeps [offset, end) of a datagram: its bytes begin at `payload` of the packet; offset 0 brings the headers along. */
export function holdFragment(packet: Packet, payload: u32, offset: u32, end: u32): HeldFragment {
  const fragment = changetype<HeldFragment>(takeBlock());
  fragment.offset = offset;
  fragment.end = end;
  fragment.headerBytes = offset == 0 ? payload : 0;
  let from = packet.address + payload - fragment.headerBytes;
  let left = fragment.headerBytes + end - offset;
  let block = changetype<usize>(fragment);
  let to = block + offsetof<HeldFragment>();
  let room = FIRST_BYTES;
  while (true) {
    const bytes = min(left, room);
    memory.copy(to, from, bytes);
    left -= bytes;
    if (left == 0) return fragment;
    from += bytes;
    const next = takeBlock();
    changetype<Block>(block).more = next;
    block = next;
    to = block + offsetof<Block>();
    room = MORE_BYTES;
  }
}

/** Copies what holdFragment() kept. */
export function copyFragment(fragment: HeldFragment, to: usize): void {
  let left = fragment.headerBytes + fragment.end - fragment.offset;
  let block = changetype<usize>(fragment);
  let from = block + offsetof<HeldFragment>();
  let room = FIRST_BYTES;
  while (true) {
    const bytes = min(left, room);
    memory.copy(to, from, bytes);
    left -= bytes;
    if (left == 0) return;
    to += bytes;
    block = changetype<Block>(block).more;
    from = block + offsetof<Block>();
    room = MORE_BYTES;
  }
}

export function freeFragment(fragment: HeldFragment): void {
  freeChain(changetype<usize>(fragment));
}
