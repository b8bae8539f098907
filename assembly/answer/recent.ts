/**
 * The newest answers that the engine has made. Where the node's own packets are fed in as well (--from-host), the same
 * answers come along once more, made by the real node; they must not be sent twice.
 */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { isIcmp4Error } from "../wire/icmp";

/** A power of two. The node answers at once, so few of them can be under way. */
const RECENT_MAX: u32 = 256;
const PRIME: u64 = 0x00000100000001b3;
const BASIS: u64 = 0xcbf29ce484222325;
/** Version and traffic class; the flow label is the sender's whim. */
const IP6_CLASS_MASK: u32 = 0x0000f0ff;

const digests: usize = memory.data(256 * 8, 64);
let next: u32 = 0;

/** Remembers an answer as it enters the OUTPUT hook; the oldest one is forgotten. */
export function rememberAnswer(answer: Packet): void {
  store<u64>(slot(next), digest(answer));
  next = (next + 1) & (RECENT_MAX - 1);
}

/** Whether the engine has made this very packet. It is forgotten then: the next one is another. */
export function takeRecentAnswer(packet: Packet): bool {
  const wanted = digest(packet);
  for (let i: u32 = 0; i < RECENT_MAX; i++) {
    if (load<u64>(slot(i)) != wanted) continue;
    store<u64>(slot(i), 0);
    return true;
  }
  return false;
}

function slot(index: u32): usize {
  return digests + (<usize>index << 3);
}

/**
 * FNV-1a over all bytes but what the kernel draws by lot: IPv4's id, with the checksum over it, and IPv6's flow label.
 * What an error quotes may have been translated by a choice that only the real node knows: its length has to do.
 */
function digest(packet: Packet): u64 {
  let hash = mix(BASIS, packet.bytes);
  let at: u32 = 0;
  if (packet.family == 4) {
    hash = mix(mix(mix(hash, load<u32>(packet.address)), load<u16>(packet.address, Wire.IP4_FRAGMENT)), load<u16>(packet.address, Wire.IP4_TTL));
    at = Wire.IP4_SRC;
  } else {
    hash = mix(hash, load<u32>(packet.address) & IP6_CLASS_MASK);
    at = Wire.IP6_PAYLOAD_LENGTH;
  }
  const end = isError(packet) ? packet.transport + Wire.ICMP_CHECKSUM : packet.bytes;
  for (; at < end; at++) hash = mix(hash, load<u8>(packet.address + at));
  return hash | 1;
}

function isError(packet: Packet): bool {
  const type = load<u8>(packet.address + packet.transport);
  if (packet.family == 4) return packet.protocol == Protocol.ICMP && isIcmp4Error(type);
  return packet.protocol == Protocol.ICMP6 && type < Wire.ICMP6_INFORMATIONAL;
}

function mix(hash: u64, value: u32): u64 {
  return (hash ^ value) * PRIME;
}
