/** The IPv4 header in place (RFC 791). */

import * as Wire from "../layout/wire";

/** An IPv4 header in place. Valid only where hasIp4Header() said so. */
@final @unmanaged
export class Ip4Header {
  get version(): u32 { return <u32>load<u8>(changetype<usize>(this), Wire.IP4_VERSION) >> 4; }
  /** Bytes of the header with its options. */
  get headerBytes(): u32 { return (<u32>load<u8>(changetype<usize>(this), Wire.IP4_VERSION) & 15) << 2; }
  get tos(): u32 { return load<u8>(changetype<usize>(this), Wire.IP4_TOS); }
  set tos(tos: u32) { store<u8>(changetype<usize>(this), tos, Wire.IP4_TOS); }
  get totalLength(): u32 { return bswap<u16>(load<u16>(changetype<usize>(this), Wire.IP4_TOTAL_LENGTH)); }
  set totalLength(bytes: u32) { store<u16>(changetype<usize>(this), bswap<u16>(<u16>bytes), Wire.IP4_TOTAL_LENGTH); }
  get id(): u32 { return load<u16>(changetype<usize>(this), Wire.IP4_ID); }
  set id(id: u32) { store<u16>(changetype<usize>(this), id, Wire.IP4_ID); }
  /** Flags and fragment offset in the machine's order: IP4_DONT_FRAGMENT, IP4_MORE_FRAGMENTS, IP4_OFFSET_MASK. */
  get fragment(): u32 { return bswap<u16>(load<u16>(changetype<usize>(this), Wire.IP4_FRAGMENT)); }
  set fragment(bits: u32) { store<u16>(changetype<usize>(this), bswap<u16>(<u16>bits), Wire.IP4_FRAGMENT); }
  get ttl(): u32 { return load<u8>(changetype<usize>(this), Wire.IP4_TTL); }
  set ttl(ttl: u32) { store<u8>(changetype<usize>(this), ttl, Wire.IP4_TTL); }
  get protocol(): u32 { return load<u8>(changetype<usize>(this), Wire.IP4_PROTOCOL); }
  set protocol(protocol: u32) { store<u8>(changetype<usize>(this), protocol, Wire.IP4_PROTOCOL); }
  get checksum(): u32 { return load<u16>(changetype<usize>(this), Wire.IP4_CHECKSUM); }
  set checksum(sum: u32) { store<u16>(changetype<usize>(this), sum, Wire.IP4_CHECKSUM); }
  get src(): u32 { return load<u32>(changetype<usize>(this), Wire.IP4_SRC); }
  set src(address: u32) { store<u32>(changetype<usize>(this), address, Wire.IP4_SRC); }
  get dst(): u32 { return load<u32>(changetype<usize>(this), Wire.IP4_DST); }
  set dst(address: u32) { store<u32>(changetype<usize>(this), address, Wire.IP4_DST); }
}

/** The fixed part and the options are there, and the header says that it is one of version 4. */
export function hasIp4Header(address: usize, bytesLeft: u32): bool {
  if (bytesLeft < Wire.IP4_SIZE) return false;
  const header = changetype<Ip4Header>(address);
  const headerBytes = header.headerBytes;
  return header.version == 4 && headerBytes >= Wire.IP4_SIZE && headerBytes <= bytesLeft;
}
