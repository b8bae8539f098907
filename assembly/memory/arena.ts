/** Memory is carved here, once, above the static data, and never freed. */

let top: usize = 0;
/** Memory that is there behind everything, so that a wide load of the last bytes of a region does not leave it. */
const MARGIN: u64 = 64;

/** Takes `bytes` of memory, aligned to a page of 64 KiB if `page`, else to a cache line. 0: there is no more. */
export function carve(bytes: u64, page: bool = false): usize {
  if (top == 0) top = (__heap_base + 63) & ~63;
  const start: usize = page ? (top + 0xffff) & ~0xffff : top;
  const end: u64 = <u64>start + ((bytes + 63) & ~63);
  if (end > 0xffff_0000) return 0;
  const pagesNeeded = <i32>((end + MARGIN + 0xffff) >> 16);
  const pagesHeld = memory.size();
  if (pagesNeeded > pagesHeld && memory.grow(pagesNeeded - pagesHeld) < 0) return 0;
  top = <usize>end;
  return start;
}

/** The first byte that nobody has. */
export function arenaTop(): usize {
  return top;
}
