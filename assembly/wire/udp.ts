/** The UDP header in place (RFC 768). */

import * as Wire from "../layout/wire";

/** A UDP header in place. Valid only where hasUdpHeader() said so. */
@final @unmanaged
export class UdpHeader {
  get srcPort(): u32 { return load<u16>(changetype<usize>(this), Wire.SRC_PORT); }
  set srcPort(port: u32) { store<u16>(changetype<usize>(this), port, Wire.SRC_PORT); }
  get dstPort(): u32 { return load<u16>(changetype<usize>(this), Wire.DST_PORT); }
  set dstPort(port: u32) { store<u16>(changetype<usize>(this), port, Wire.DST_PORT); }
  get length(): u32 { return bswap<u16>(load<u16>(changetype<usize>(this), Wire.UDP_LENGTH)); }
  set length(bytes: u32) { store<u16>(changetype<usize>(this), bswap<u16>(<u16>bytes), Wire.UDP_LENGTH); }
  /** 0: the sender made none. */
  get checksum(): u32 { return load<u16>(changetype<usize>(this), Wire.UDP_CHECKSUM); }
  set checksum(sum: u32) { store<u16>(changetype<usize>(this), sum, Wire.UDP_CHECKSUM); }
}

/** Bytes that the checksum of UDP-Lite covers (RFC 3828 3.1). 0: the header is cut, or says what cannot be. */
export function coverageOf(address: usize, bytesLeft: u32): u32 {
  if (bytesLeft < Wire.UDP_SIZE) return 0;
  const covered = changetype<UdpHeader>(address).length;
  if (covered == 0) return bytesLeft;
  return covered >= Wire.UDP_SIZE && covered <= bytesLeft ? covered : 0;
}

/** The header is there, and the datagram that it announces fits into what is left of the packet. */
export function hasUdpHeader(address: usize, bytesLeft: u32): bool {
  if (bytesLeft < Wire.UDP_SIZE) return false;
  const length = changetype<UdpHeader>(address).length;
  return length >= Wire.UDP_SIZE && length <= bytesLeft;
}
