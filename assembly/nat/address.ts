/** Which address of a range: the same for the same pair of hosts, evenly spread (find_best_ips_proto). */

import * as Instructions from "../layout/instructions";
import { Tuple } from "../conntrack/tuple";
import { copy16 } from "../memory/words";
import { NAT_SRC, NatRange } from "./range";
import { tupleDst, tupleSrc } from "./tuples";

/** Replaces the translated end's address in `tuple` by one of the range. */
export function chooseAddress(tuple: Tuple, kind: u32, range: NatRange): void {
  if ((range.flags & Instructions.NAT_ADDRESS) == 0) return;
  const address = kind == NAT_SRC ? tupleSrc(tuple) : tupleDst(tuple);
  if (memory.compare(range.minAddress, range.maxAddress, 16) == 0) {
    copy16(address, range.minAddress);
  } else {
    spreadAddress(tuple, address, range);
  }
}

function spreadAddress(tuple: Tuple, address: usize, range: NatRange): void {
  const words: u32 = tuple.family == 4 ? 1 : 4;
  const persistent = (range.flags & Instructions.NAT_PERSISTENT) != 0;
  let hash = hashAddress(tupleSrc(tuple), persistent ? 0 : load<u32>(tupleDst(tuple) + ((words - 1) << 2)));
  let anything = false;
  for (let i: u32 = 0; i < words; i++) {
    const at = <usize>i << 2;
    const low = anything ? 0 : bswap<u32>(load<u32>(range.minAddress + at));
    const count: u32 = anything ? 0xffff_ffff : bswap<u32>(load<u32>(range.maxAddress + at)) - low + 1;
    const word = bswap<u32>(low + <u32>((<u64>hash * count) >> 32));
    store<u32>(address + at, word);
    if (word != load<u32>(range.maxAddress + at)) anything = true;
    if (!persistent) hash ^= load<u32>(tupleDst(tuple) + at);
  }
}

/** Bob Jenkins' lookup3 hash of four words (jhash2). */
function hashAddress(address: usize, seed: u32): u32 {
  const start: u32 = 0xdeadbeef + (4 << 2) + seed;
  let a = start + load<u32>(address);
  let b = start + load<u32>(address, 4);
  let c = start + load<u32>(address, 8);
  a = (a - c) ^ rotl<u32>(c, 4); c += b;
  b = (b - a) ^ rotl<u32>(a, 6); a += c;
  c = (c - b) ^ rotl<u32>(b, 8); b += a;
  a = (a - c) ^ rotl<u32>(c, 16); c += b;
  b = (b - a) ^ rotl<u32>(a, 19); a += c;
  c = (c - b) ^ rotl<u32>(b, 4); b += a;
  a += load<u32>(address, 12);
  c = (c ^ b) - rotl<u32>(b, 14);
  a = (a ^ c) - rotl<u32>(c, 11);
  b = (b ^ a) - rotl<u32>(a, 25);
  c = (c ^ b) - rotl<u32>(b, 16);
  a = (a ^ c) - rotl<u32>(c, 4);
  b = (b ^ a) - rotl<u32>(a, 14);
  c = (c ^ b) - rotl<u32>(b, 24);
  return c;
}
