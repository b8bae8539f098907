/** The header of ICMP (RFC 792) and ICMPv6 (RFC 4443) in place: the same eight bytes. */

import * as Wire from "../layout/wire";

/** An ICMP header in place. Valid only where hasIcmpHeader() said so. */
@final @unmanaged
export class IcmpHeader {
  get type(): u32 { return load<u8>(changetype<usize>(this), Wire.ICMP_TYPE); }
  set type(type: u32) { store<u8>(changetype<usize>(this), type, Wire.ICMP_TYPE); }
  get code(): u32 { return load<u8>(changetype<usize>(this), Wire.ICMP_CODE); }
  set code(code: u32) { store<u8>(changetype<usize>(this), code, Wire.ICMP_CODE); }
  get checksum(): u32 { return load<u16>(changetype<usize>(this), Wire.ICMP_CHECKSUM); }
  set checksum(sum: u32) { store<u16>(changetype<usize>(this), sum, Wire.ICMP_CHECKSUM); }
  /** The identifier of a query. */
  get id(): u32 { return load<u16>(changetype<usize>(this), Wire.ICMP_ID); }
  set id(id: u32) { store<u16>(changetype<usize>(this), id, Wire.ICMP_ID); }
  /** The second word of an error, in network order: MTU, pointer or gateway. */
  get rest(): u32 { return load<u32>(changetype<usize>(this), Wire.ICMP_REST); }
  set rest(rest: u32) { store<u32>(changetype<usize>(this), rest, Wire.ICMP_REST); }
}

export function hasIcmpHeader(address: usize, bytesLeft: u32): bool {
  return bytesLeft >= Wire.ICMP_SIZE;
}

/** ICMPv4 types that quote the packet that caused them (icmp_is_err() of the kernel). */
export function isIcmp4Error(type: u32): bool {
  return (
    type == Wire.ICMP4_UNREACHABLE ||
    type == Wire.ICMP4_SOURCE_QUENCH ||
    type == Wire.ICMP4_REDIRECT ||
    type == Wire.ICMP4_TIME_EXCEEDED ||
    type == Wire.ICMP4_PARAMETER_PROBLEM
  );
}

/** ICMPv4 messages that ask or answer and have an identifier: echo, timestamp, information and address mask. */
export function isIcmp4Query(type: u32): bool {
  return type == Wire.ICMP4_ECHO_REPLY || type == Wire.ICMP4_ECHO || (type >= Wire.ICMP4_TIMESTAMP && type <= Wire.ICMP4_ADDRESS_MASK_REPLY);
}
