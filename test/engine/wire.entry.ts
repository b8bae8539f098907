/** What test/engine/wire.test.ts calls of wire/. */

import { carve } from "../../assembly/memory/arena";
import { packetAt, resetPacket } from "../../assembly/packet";
import { parsePacket } from "../../assembly/wire/parse";
import { checkHopByHop } from "../../assembly/wire/hopbyhop";
import { transportChecksumValid } from "../../assembly/wire/checksum";
import { hasTcpHeader } from "../../assembly/wire/tcp";
import { hasUdpHeader } from "../../assembly/wire/udp";

export { crc32c, crc32cOfSctp } from "../../assembly/wire/crc32c";
export { fold, partialSum, replaceChecksum16, replaceChecksum32 } from "../../assembly/wire/checksum";

export function buffer(bytes: u32): usize {
  return carve(bytes, true);
}

/** Parses the packet; its description is then read through field(). */
export function parse(address: usize, bytes: u32, flags: u32): u32 {
  const packet = packetAt(0);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  packet.flags = flags;
  return parsePacket(packet);
}

export function parsedBytes(): u32 {
  return packetAt(0).bytes;
}
export function parsedProtocol(): u32 {
  return packetAt(0).protocol;
}
export function parsedTransport(): u32 {
  return packetAt(0).transport;
}
export function parsedFragment(): u32 {
  const packet = packetAt(0);
  return packet.fragmentOffset | packet.moreFragments | (packet.fragmentHeader << 16);
}
export function hopByHop(): u32 {
  return checkHopByHop(packetAt(0));
}
export function checksumValid(): bool {
  return transportChecksumValid(packetAt(0));
}
export function tcpHeaderFits(address: usize, bytes: u32): bool {
  return hasTcpHeader(address, bytes);
}
export function udpHeaderFits(address: usize, bytes: u32): bool {
  return hasUdpHeader(address, bytes);
}
