/** The packet that an ICMP error quotes, described as far as its digest needs. */

import * as Wire from "../layout/wire";
import { Packet, packetAt } from "../packet";
import { findTransport6 } from "../wire/parse";

/** Where the description goes: those who look at quotes have only the packet at the first place at hand. */
const QUOTED: u32 = 1;

/** What a parsed ICMP error quotes; null: less than an IP header. */
export function quotedPacket(packet: Packet): Packet | null {
  const before = packet.transport + Wire.ICMP_SIZE;
  if (packet.bytes < before + (packet.family == 4 ? Wire.IP4_SIZE : Wire.IP6_SIZE)) return null;
  const quoted = packetAt(QUOTED);
  const address = packet.address + before;
  quoted.address = address;
  quoted.bytes = packet.bytes - before;
  quoted.family = packet.family;
  if (packet.family == 4) {
    quoted.fragmentOffset = 0;
    quoted.protocol = load<u8>(address, Wire.IP4_PROTOCOL);
    quoted.transport = (<u32>load<u8>(address) & 15) << 2;
  } else {
    findTransport6(quoted);
  }
  return quoted.transport <= quoted.bytes ? quoted : null;
}
