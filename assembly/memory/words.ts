/**
 * Copies of a few words, in place. memory.copy() and memory.fill() are calls out of the Wasm in V8, which cost more than
 * the bytes that the hooks move about for each packet.
 */

/** Copies 16 bytes. */
export function copy16(target: usize, source: usize): void {
  v128.store(target, v128.load(source));
}

/** Copies `bytes` bytes, a multiple of four; target and source do not overlap. */
export function copyWords(target: usize, source: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 4) store<u32>(target + at, load<u32>(source + at));
}

/** Clears `bytes` bytes, a multiple of 32. */
export function clearLines(target: usize, bytes: usize): void {
  for (const end = target + bytes; target < end; target += 32) {
    v128.store(target, i64x2.splat(0));
    v128.store(target, i64x2.splat(0), 16);
  }
}
