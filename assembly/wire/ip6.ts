/** The IPv6 header in place (RFC 8200) and the walk over its extension headers. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";

/** The last eight bytes of ::1, as loaded. */
export const LOOPBACK_TAIL: u64 = 0x0100_0000_0000_0000;

/** An IPv6 header in place. Valid only where hasIp6Header() said so. */
@final @unmanaged
export class Ip6Header {
  get version(): u32 { return <u32>load<u8>(changetype<usize>(this), Wire.IP6_VERSION) >> 4; }
  /** Traffic class: DSCP and ECN. */
  get trafficClass(): u32 { return (bswap<u32>(load<u32>(changetype<usize>(this), Wire.IP6_VERSION)) >> 20) & 0xff; }
  get payloadLength(): u32 { return bswap<u16>(load<u16>(changetype<usize>(this), Wire.IP6_PAYLOAD_LENGTH)); }
  set payloadLength(bytes: u32) { store<u16>(changetype<usize>(this), bswap<u16>(<u16>bytes), Wire.IP6_PAYLOAD_LENGTH); }
  get nextHeader(): u32 { return load<u8>(changetype<usize>(this), Wire.IP6_NEXT_HEADER); }
  set nextHeader(protocol: u32) { store<u8>(changetype<usize>(this), protocol, Wire.IP6_NEXT_HEADER); }
  get hopLimit(): u32 { return load<u8>(changetype<usize>(this), Wire.IP6_HOP_LIMIT); }
  set hopLimit(hops: u32) { store<u8>(changetype<usize>(this), hops, Wire.IP6_HOP_LIMIT); }
  /** Address of the 16 bytes. */
  get src(): usize { return changetype<usize>(this) + Wire.IP6_SRC; }
  get dst(): usize { return changetype<usize>(this) + Wire.IP6_DST; }
}

/** The fixed header is there and says that it is one of version 6. */
export function hasIp6Header(address: usize, bytesLeft: u32): bool {
  return bytesLeft >= Wire.IP6_SIZE && changetype<Ip6Header>(address).version == 6;
}

/** fe80::/10 (RFC 4291 2.5.6). */
export function isLinkLocal6(address: usize): bool {
  return load<u8>(address) == 0xfe && (<u32>load<u8>(address, 1) & 0xc0) == 0x80;
}

/** ::, ::1 or link-local: where packets from and to it may go depends on the link by which they came. */
export function isBoundToLink6(address: usize): bool {
  return isLinkLocal6(address) || (load<u64>(address) == 0 && (load<u64>(address, 8) & ~LOOPBACK_TAIL) == 0);
}

/** The header is one that another may follow (ipv6_ext_hdr() of net/ipv6/exthdrs_core.c, without "no next header"). */
export function isExtension(protocol: u32): bool {
  return (
    protocol == Protocol.HOP_BY_HOP ||
    protocol == Protocol.ROUTING ||
    protocol == Protocol.FRAGMENT ||
    protocol == Protocol.AH ||
    protocol == Protocol.DESTINATION_OPTIONS
  );
}

/** Bytes of an extension header whose first two bytes are there. AH counts in words behind the first two (RFC 4302). */
export function extensionBytes(protocol: u32, header: usize): u32 {
  if (protocol == Protocol.FRAGMENT) return Wire.FRAGMENT6_SIZE;
  const length = <u32>load<u8>(header, Wire.EXTENSION_LENGTH);
  return protocol == Protocol.AH ? (length + 2) << 2 : (length + 1) << 3;
}
