/** Which address of a range: the same for the same pair of hosts in the same zone, evenly spread (find_best_ips_proto). */

import * as Instructions from "../layout/instructions";
import { Tuple } from "../conntrack/tuple";
import { jhash } from "../memory/jhash";
import { copy16 } from "../memory/words";
import { NAT_SRC, NatRange } from "./range";
import { tupleDst, tupleSrc } from "./tuples";

/** Replaces the translated end's address in `tuple` by one of the range. `zone` is the connection's. */
export function chooseAddress(tuple: Tuple, zone: u32, kind: u32, range: NatRange): void {
  if ((range.flags & Instructions.NAT_ADDRESS) == 0) return;
  const address = kind == NAT_SRC ? tupleSrc(tuple) : tupleDst(tuple);
  if (memory.compare(range.minAddress, range.maxAddress, 16) == 0) {
    copy16(address, range.minAddress);
  } else {
    spreadAddress(tuple, zone, address, range);
  }
}

function spreadAddress(tuple: Tuple, zone: u32, address: usize, range: NatRange): void {
  const words: u32 = tuple.family == 4 ? 1 : 4;
  const persistent = (range.flags & Instructions.NAT_PERSISTENT) != 0;
  let hash = jhash(tupleSrc(tuple), 16, persistent ? 0 : load<u32>(tupleDst(tuple) + ((words - 1) << 2)) ^ zone);
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
