/** Bob Jenkins' lookup3 of any number of bytes, as the kernel's jhash() and jhash2() compute it (include/linux/jhash.h). */

const INITIAL: u32 = 0xdeadbeef;

/** Up to three bytes behind the key are looked at and masked off: keys lie in registers. */
export function jhash(key: usize, bytes: u32, seed: u32): u32 {
  let a = INITIAL + bytes + seed;
  let b = a;
  let c = a;
  while (bytes > 12) {
    a += load<u32>(key);
    b += load<u32>(key, 4);
    c += load<u32>(key, 8);
    a = (a - c) ^ rotl<u32>(c, 4); c += b;
    b = (b - a) ^ rotl<u32>(a, 6); a += c;
    c = (c - b) ^ rotl<u32>(b, 8); b += a;
    a = (a - c) ^ rotl<u32>(c, 16); c += b;
    b = (b - a) ^ rotl<u32>(a, 19); a += c;
    c = (c - b) ^ rotl<u32>(b, 4); b += a;
    key += 12;
    bytes -= 12;
  }
  if (bytes == 0) return c;
  if (bytes > 8) c += wordOf(key + 8, bytes - 8);
  if (bytes > 4) b += wordOf(key + 4, min<u32>(bytes - 4, 4));
  a += wordOf(key, min<u32>(bytes, 4));
  c = (c ^ b) - rotl<u32>(b, 14);
  a = (a ^ c) - rotl<u32>(c, 11);
  b = (b ^ a) - rotl<u32>(a, 25);
  c = (c ^ b) - rotl<u32>(b, 16);
  a = (a ^ c) - rotl<u32>(c, 4);
  b = (b ^ a) - rotl<u32>(a, 14);
  return (c ^ b) - rotl<u32>(b, 24);
}

/** The first bytes of a word, one to four. */
function wordOf(at: usize, bytes: u32): u32 {
  return bytes == 4 ? load<u32>(at) : load<u32>(at) & ((<u32>1 << (bytes << 3)) - 1);
}
