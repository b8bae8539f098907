/** Finds the transport header in a packet that an ICMP error quotes. Conntrack has accepted the quote before. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Ip4Header } from "../wire/ip4";
import { extensionBytes, isExtension } from "../wire/ip6";

/** Offset of the transport header in the quote; 0: there is none, or it is cut off. */
export function quotedTransport(quote: usize, bytes: u32, family: u32): u32 {
  return family == 4 ? changetype<Ip4Header>(quote).headerBytes : quotedTransport6(quote, bytes);
}

/** ipv6_skip_exthdr(): past all extension headers, but not past a later fragment's. */
function quotedTransport6(quote: usize, bytes: u32): u32 {
  let protocol: u32 = load<u8>(quote, Wire.IP6_NEXT_HEADER);
  let at: u32 = Wire.IP6_SIZE;
  while (isExtension(protocol)) {
    if (at + Wire.EXTENSION_SIZE > bytes) return 0;
    const header = quote + at;
    if (protocol == Protocol.FRAGMENT) {
      const fragment: u32 = bswap<u16>(load<u16>(header, Wire.FRAGMENT6_OFFSET));
      if ((fragment & Wire.FRAGMENT6_OFFSET_MASK) != 0) return 0;
    }
    at += extensionBytes(protocol, header);
    protocol = load<u8>(header, Wire.EXTENSION_NEXT);
  }
  return at;
}
