/**
 * Copies of a few words, in place. memory.copy() and memory.fill() are calls out of the Wasm in V8, which cost more than
 * the bytes that the hooks move about for each packet.
 */

/** From so many bytes on, the call costs less than what it spares. */
const SHORT_BYTES: usize = 128;

/** Copies 16 bytes. */
export function copy16(target: usize, source: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(target, v128.load(source));
  } else {
    store<u64>(target, load<u64>(source));
    store<u64>(target, load<u64>(source, 8), 8);
  }
}

/** Clears 16 bytes. */
export function clear16(target: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(target, i64x2.splat(0));
  } else {
    store<u64>(target, 0);
    store<u64>(target, 0, 8);
  }
}

/** Clears of 16 bytes the bits that a mask does not have. */
export function mask16(target: usize, mask: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(target, v128.and(v128.load(target), v128.load(mask)));
  } else {
    store<u64>(target, load<u64>(target) & load<u64>(mask));
    store<u64>(target, load<u64>(target, 8) & load<u64>(mask, 8), 8);
  }
}

/** Copies `bytes` bytes, a multiple of four; target and source do not overlap. */
export function copyWords(target: usize, source: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 4) store<u32>(target + at, load<u32>(source + at));
}

/** Copies `bytes` bytes, 16 at least, of which there are mostly few; target and source do not overlap. */
export function copyBytes(target: usize, source: usize, bytes: usize): void {
  if (bytes > SHORT_BYTES) {
    memory.copy(target, source, bytes);
    return;
  }
  const last = bytes - 16;
  for (let at: usize = 0; at < last; at += 16) copy16(target + at, source + at);
  copy16(target + last, source + last);
}

/** Clears `bytes` bytes, a multiple of 32. */
export function clearLines(target: usize, bytes: usize): void {
  for (const end = target + bytes; target < end; target += 32) {
    clear16(target);
    clear16(target + 16);
  }
}
