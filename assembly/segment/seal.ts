/** Completes the checksums of packets that the node makes or that its processes left open for the network card. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { fold, partialSum, pseudoHeaderSum } from "../wire/checksum";
import { crc32c } from "../wire/crc32c";

/** Makes the IPv4 header's checksum right. IPv6 has none. */
export function sealIp(packet: Packet): void {
  if (packet.family != 4) return;
  store<u16>(packet.address, 0, Wire.IP4_CHECKSUM);
  store<u16>(packet.address, <u16>~partialSum(packet.address, packet.transport), Wire.IP4_CHECKSUM);
}

/** Makes the transport checksum right, whatever it was: TCP, UDP, ICMP, ICMPv6, SCTP. */
export function sealTransport(packet: Packet): void {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (packet.protocol == Protocol.SCTP) {
    store<u32>(header, 0, Wire.SCTP_CHECKSUM);
    store<u32>(header, crc32c(header, bytes), Wire.SCTP_CHECKSUM);
    return;
  }
  const at = header + checksumOffset(packet.protocol);
  store<u16>(at, 0);
  let sum = partialSum(header, bytes);
  if (packet.protocol != Protocol.ICMP) sum += pseudoHeaderSum(packet, packet.protocol, bytes);
  const checksum = ~fold(sum) & 0xffff;
  store<u16>(at, <u16>(checksum == 0 && packet.protocol == Protocol.UDP ? 0xffff : checksum));
}

/**
 * A process's packet leaves the checksum to the card when the field holds the pseudo header's sum alone
 * (CHECKSUM_PARTIAL); SCTP leaves it zero. Any other value was computed, rightly or wrongly, and stays.
 */
export function completeChecksum(packet: Packet): void {
  const protocol = packet.protocol;
  const bytes = packet.bytes - packet.transport;
  const header = packet.address + packet.transport;
  if (packet.fragmentOffset != 0 || packet.moreFragments != 0) return;
  if (protocol == Protocol.SCTP) {
    if (bytes >= Wire.SCTP_SIZE && load<u32>(header, Wire.SCTP_CHECKSUM) == 0) sealTransport(packet);
    return;
  }
  if (protocol != Protocol.TCP && protocol != Protocol.UDP) return;
  if (bytes < (protocol == Protocol.TCP ? Wire.TCP_SIZE : Wire.UDP_SIZE)) return;
  if (load<u16>(header + checksumOffset(protocol)) != pseudoHeaderSum(packet, protocol, bytes)) return;
  sealTransport(packet);
  packet.hasOpenChecksum = true;
}

/** Who completes an open checksum writes one that comes to zero as all ones, of whatever protocol (skb_checksum_help). */
export function closeChecksum(packet: Packet): void {
  const at = packet.address + packet.transport + checksumOffset(packet.protocol);
  if (load<u16>(at) == 0) store<u16>(at, 0xffff);
}

function checksumOffset(protocol: u32): u32 {
  if (protocol == Protocol.TCP) return Wire.TCP_CHECKSUM;
  return protocol == Protocol.UDP ? Wire.UDP_CHECKSUM : Wire.ICMP_CHECKSUM;
}
