/** What a rule allows a translation to choose from: addresses and ports, both ends included, in network order. */

import * as Instructions from "../layout/instructions";
import { clear16, copy16 } from "../memory/words";

/** Which end of a connection is translated. SRC happens at POSTROUTING and INPUT, DST at PREROUTING and OUTPUT. */
export const NAT_SRC: u32 = 0;
export const NAT_DST: u32 = 1;

/** IPv4 addresses take the first four bytes of their sixteen; the rest is zero. */
@final @unmanaged
export class NatRange {
  /** NAT_* of layout/instructions.ts. NAT_ADDRESS and NAT_PORT say which of the fields below count. */
  flags: u32;
  minPort: u32;
  maxPort: u32;
  private unused: u32;
  private min0: u64;
  private min1: u64;
  private max0: u64;
  private max1: u64;

  get minAddress(): usize { return changetype<usize>(this) + offsetof<NatRange>("min0"); }
  get maxAddress(): usize { return changetype<usize>(this) + offsetof<NatRange>("max0"); }
}

const instance: usize = memory.data(offsetof<NatRange>(), 16);

/** The one range, cleared: it is filled, used and forgotten within one rule. */
export function natRange(): NatRange {
  const range = changetype<NatRange>(instance);
  range.flags = 0;
  range.minPort = 0;
  range.maxPort = 0;
  clear16(range.minAddress);
  clear16(range.maxAddress);
  return range;
}

/** Makes one address all that there is to choose from: of IPv4 four bytes, else sixteen. */
export function setRangeAddress(range: NatRange, address: usize, bytes: u32): void {
  range.flags |= Instructions.NAT_ADDRESS;
  if (bytes == 4) {
    store<u32>(range.minAddress, load<u32>(address));
    store<u32>(range.maxAddress, load<u32>(address));
  } else {
    copy16(range.minAddress, address);
    copy16(range.maxAddress, address);
  }
}

/** The flags that make every port a fresh draw (NF_NAT_RANGE_PROTO_RANDOM_ALL). */
export function isRandom(range: NatRange): bool {
  return (range.flags & (Instructions.NAT_RANDOM | Instructions.NAT_FULLY_RANDOM)) != 0;
}
