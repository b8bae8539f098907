/** How conntrack looks for the transport header behind IPv6 extension headers: ipv6_skip_exthdr() of exthdrs_core.c. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { extensionBytes, isExtension } from "../wire/ip6";

export const NO_TRANSPORT: u32 = 0xffffffff;

/**
 * From the header of kind `protocol` at offset `at` to the first one that is no extension: its offset in the low half,
 * its protocol in the high half. Low half NO_TRANSPORT: a header is cut off, a later fragment, or nothing follows.
 * Unlike wire/parse.ts this looks behind AH. Each step is at least eight bytes, so `bytes` bounds the walk.
 */
export function skipExtensions(address: usize, bytes: u32, at: u32, protocol: u32): u64 {
  const found = endOfExtensions(address, bytes, at, protocol);
  return <u32>found > bytes ? NO_TRANSPORT : found;
}

/** The same, but the last extension may say that it ends behind the packet, and so may the offset be. */
export function endOfExtensions(address: usize, bytes: u32, at: u32, protocol: u32): u64 {
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
  return protocol == Protocol.NO_NEXT_HEADER ? NO_TRANSPORT : (<u64>protocol << 32) | at;
}
