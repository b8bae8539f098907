/**
 * Two digests of a packet that NAT, routing and refragmenting leave alone, so that a packet on its way in and the same
 * packet on its way out have equal ones. Left out: addresses, ports, ICMP identifiers, checksums, TTL and TOS.
 */

import * as Protocol from "../layout/protocol";
import { Packet } from "../packet";

/** At most so many bytes of the transport header and payload count. */
const DIGEST_BYTES_MAX: u32 = 256;
const PRIME: u32 = 0x01000193;
const BASIS: u32 = 0x811c9dc5;

/** What even an eight-byte first fragment shows: the IP id, the protocol and the second word of the transport header. */
export function keyDigest(packet: Packet): u32 {
  const digest = mix(BASIS, packet.protocol);
  return withTransport(packet, packet.family == 4 ? mix(digest, load<u16>(packet.address, 4)) : digest);
}

/** The same without the IP id, which nobody can tell of a packet that the node makes itself. */
export function anonymousDigest(packet: Packet): u32 {
  return withTransport(packet, mix(BASIS, packet.protocol));
}

function withTransport(packet: Packet, digest: u32): u32 {
  const bytes = packet.bytes - packet.transport;
  if (packet.fragmentOffset != 0 || bytes < 8) return digest;
  const header = packet.address + packet.transport;
  if (packet.protocol == Protocol.TCP) return mix(digest, load<u32>(header, 4));
  if (packet.protocol == Protocol.UDP || packet.protocol == Protocol.UDPLITE) return mix(digest, load<u16>(header, 4));
  if (isIcmp(packet)) return mix(mix(digest, load<u16>(header)), load<u16>(header, 6));
  return mix(digest, load<u32>(header, 4));
}

/** All of the packet's start that stays the same, and its length. */
export function fullDigest(packet: Packet): u32 {
  let digest = mix(keyDigest(packet), packet.bytes);
  const header = packet.address + packet.transport;
  const bytes = min<u32>(packet.bytes - packet.transport, DIGEST_BYTES_MAX);
  const checksum = checksumOffset(packet);
  for (let i: u32 = isIcmp(packet) ? 6 : 4; i < bytes; i++) {
    if (i - checksum < (packet.protocol == Protocol.SCTP ? 4 : 2)) continue;
    digest = mix(digest, load<u8>(header + i));
  }
  return digest;
}

/** Where the transport checksum stands; past everything where there is none. */
function checksumOffset(packet: Packet): u32 {
  if (packet.protocol == Protocol.TCP) return 16;
  if (packet.protocol == Protocol.UDP || packet.protocol == Protocol.UDPLITE) return 6;
  if (packet.protocol == Protocol.SCTP) return 8;
  if (isIcmp(packet)) return 2;
  return DIGEST_BYTES_MAX;
}

function isIcmp(packet: Packet): bool {
  return packet.protocol == (packet.family == 4 ? Protocol.ICMP : Protocol.ICMP6);
}

/** FNV-1a's step, over a word. */
function mix(digest: u32, word: u32): u32 {
  const mixed = (digest ^ word) * PRIME;
  return mixed ^ (mixed >> 15);
}
