/** Rewrites one end of one packet: its address, and its port with the checksum that covers both (nf_nat_proto.c). */

import * as Wire from "../layout/wire";
import { Tuple } from "../conntrack/tuple";
import { replaceChecksum32 } from "../wire/checksum";
import { NAT_SRC } from "./range";
import { rewriteTransport } from "./transport";
import { tupleDst, tupleSrc } from "./tuples";

/**
 * Gives the packet at `address` the source or destination of `target`. `transport` is the offset of its transport
 * header; 0: there is none that could be rewritten. False where the header is cut: nothing has been changed then.
 */
export function rewriteIp(address: usize, bytes: u32, transport: u32, target: Tuple, kind: u32): bool {
  const wanted = kind == NAT_SRC ? tupleSrc(target) : tupleDst(target);
  const present = address + addressOffset(target.family, kind);
  if (transport != 0 && !rewriteTransport(address, bytes, transport, target, kind, present, wanted)) return false;
  if (target.family == 4) {
    const checksum: u32 = load<u16>(address, Wire.IP4_CHECKSUM);
    store<u16>(address, <u16>replaceChecksum32(checksum, load<u32>(present), load<u32>(wanted)), Wire.IP4_CHECKSUM);
    store<u32>(present, load<u32>(wanted));
  } else {
    memory.copy(present, wanted, 16);
  }
  return true;
}

function addressOffset(family: u32, kind: u32): usize {
  if (family == 4) return kind == NAT_SRC ? Wire.IP4_SRC : Wire.IP4_DST;
  return kind == NAT_SRC ? Wire.IP6_SRC : Wire.IP6_DST;
}
