/** Datagrams whose first fragment has just been adopted: the fragments behind it have no ports, but the same identity. */

import * as Wire from "../layout/wire";
import { Packet } from "../packet";

/** A power of two. The kernel sends a datagram's fragments in one go, so few of them can be under way. */
const RECENT_MAX: u32 = 16;
const PRIME: u64 = 0x00000100000001b3;
const BASIS: u64 = 0xcbf29ce484222325;

const identities: usize = memory.data(16 * 8, 64);
let next: u32 = 0;

/** Notes the datagram that a first fragment belongs to; the oldest one is forgotten. */
export function rememberPieces(packet: Packet): void {
  store<u64>(identities + (<usize>next << 3), identityOf(packet));
  next = (next + 1) & (RECENT_MAX - 1);
}

/** Whether a fragment belongs to such a datagram. */
export function isRememberedPiece(packet: Packet): bool {
  const identity = identityOf(packet);
  for (let i: usize = 0; i < RECENT_MAX; i++) if (load<u64>(identities + (i << 3)) == identity) return true;
  return false;
}

/** RFC 791 3.2, RFC 8200 4.5: addresses and identification; over IPv4 the protocol, too. Never 0. */
function identityOf(packet: Packet): u64 {
  const address = packet.address;
  if (packet.family == 4) {
    const identity = mix(mix(BASIS, load<u64>(address, Wire.IP4_SRC)), load<u16>(address, Wire.IP4_ID));
    return mix(identity, packet.protocol) | 1;
  }
  let identity = mix(BASIS, load<u32>(address + packet.fragmentHeader, Wire.FRAGMENT6_ID));
  for (let at: u32 = 0; at < 32; at += 8) identity = mix(identity, load<u64>(address + at, Wire.IP6_SRC));
  return identity | 1;
}

function mix(hash: u64, value: u64): u64 {
  return (hash ^ value) * PRIME;
}
