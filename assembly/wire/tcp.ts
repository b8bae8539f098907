/** The TCP header in place (RFC 9293). */

import * as Wire from "../layout/wire";

/** A TCP header in place. Valid only where hasTcpHeader() said so. Sequence numbers are ready for arithmetic. */
@final @unmanaged
export class TcpHeader {
  get srcPort(): u32 { return load<u16>(changetype<usize>(this), Wire.SRC_PORT); }
  set srcPort(port: u32) { store<u16>(changetype<usize>(this), port, Wire.SRC_PORT); }
  get dstPort(): u32 { return load<u16>(changetype<usize>(this), Wire.DST_PORT); }
  set dstPort(port: u32) { store<u16>(changetype<usize>(this), port, Wire.DST_PORT); }
  get sequence(): u32 { return bswap<u32>(load<u32>(changetype<usize>(this), Wire.TCP_SEQUENCE)); }
  set sequence(number: u32) { store<u32>(changetype<usize>(this), bswap<u32>(number), Wire.TCP_SEQUENCE); }
  get acknowledged(): u32 { return bswap<u32>(load<u32>(changetype<usize>(this), Wire.TCP_ACKNOWLEDGED)); }
  set acknowledged(number: u32) { store<u32>(changetype<usize>(this), bswap<u32>(number), Wire.TCP_ACKNOWLEDGED); }
  /** Bytes of the header with its options. */
  get headerBytes(): u32 { return (<u32>load<u8>(changetype<usize>(this), Wire.TCP_DATA_OFFSET) >> 4) << 2; }
  set headerBytes(bytes: u32) { store<u8>(changetype<usize>(this), bytes << 2, Wire.TCP_DATA_OFFSET); }
  get flags(): u32 { return load<u8>(changetype<usize>(this), Wire.TCP_FLAGS); }
  set flags(flags: u32) { store<u8>(changetype<usize>(this), flags, Wire.TCP_FLAGS); }
  get window(): u32 { return bswap<u16>(load<u16>(changetype<usize>(this), Wire.TCP_WINDOW)); }
  set window(bytes: u32) { store<u16>(changetype<usize>(this), bswap<u16>(<u16>bytes), Wire.TCP_WINDOW); }
  get checksum(): u32 { return load<u16>(changetype<usize>(this), Wire.TCP_CHECKSUM); }
  set checksum(sum: u32) { store<u16>(changetype<usize>(this), sum, Wire.TCP_CHECKSUM); }
  get urgent(): u32 { return load<u16>(changetype<usize>(this), Wire.TCP_URGENT); }
  set urgent(pointer: u32) { store<u16>(changetype<usize>(this), pointer, Wire.TCP_URGENT); }
}

/** The fixed part and the options are there. */
export function hasTcpHeader(address: usize, bytesLeft: u32): bool {
  if (bytesLeft < Wire.TCP_SIZE) return false;
  const headerBytes = changetype<TcpHeader>(address).headerBytes;
  return headerBytes >= Wire.TCP_SIZE && headerBytes <= bytesLeft;
}
