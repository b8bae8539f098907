/** How conntrack looks for the transport header behind IPv6 extension headers: ipv6_skip_exthdr() of exthdrs_core.c. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { extensionBytes, isExtension } from "../wire/ip6";

export const NO_TRANSPORT: u32 = 0xffffffff;

/**
 * From the header of kind `protocol` at offset `at` to the first one that is no extension: its offset in the low half,
 * its protocol in the high half. Low half NO_TRANSPORT: a header is cut off, a later fragment, or nothing follows. If the
 * last extension says that it ends behind the packet, the offset is the packet's end, where nothing is left. Unlike
 * wire/parse.ts this looks behind AH. Each step is at least eight bytes, so `bytes` bounds the walk.
 */
export function skipExtensions(address: usize, bytes: u32, at: u32, protocol: u32): u64 {
  while (isExtension(protocol)) {
    if (at + 2 > bytes) return NO_TRANSPORT;
    const header = address + at;
    if (protocol == Protocol.FRAGMENT) {
      if (at + 4 > bytes) return NO_TRANSPORT;
      const fragment = <u32>bswap<u16>(load<u16>(header, Wire.FRAGMENT6_OFFSET));
      if ((fragment & Wire.FRAGMENT6_OFFSET_MASK) != 0) return NO_TRANSPORT;
    }
    at += extensionBytes(protocol, header);
    protocol = load<u8>(header, Wire.EXTENSION_NEXT);
  }
  return protocol == Protocol.NO_NEXT_HEADER ? NO_TRANSPORT : (<u64>protocol << 32) | min(at, bytes);
}

/** Whether rules take the packet's AH for its transport protocol, where conntrack and NAT see what AH protects. */
export function isBehindAh(packet: Packet): bool {
  return packet.family == 6 && packet.protocol == Protocol.AH;
}

/** Makes the packet's transport what AH protects; undo it with leaveAh(). False: there is none, nothing has changed. */
export function enterAh(packet: Packet): bool {
  const found = skipExtensions(packet.address, packet.bytes, packet.transport, Protocol.AH);
  if (<u32>found == NO_TRANSPORT) return false;
  packet.transport = <u32>found;
  packet.protocol = <u32>(found >> 32);
  return true;
}

/** Makes it AH again, which stands at `transport`. */
export function leaveAh(packet: Packet, transport: u32): void {
  packet.transport = transport;
  packet.protocol = Protocol.AH;
}
