/** Checksums of the packet that nearly every packet is: IPv4 without options, carrying TCP or UDP. */

import * as Wire from "../layout/wire";
import { wordsSum } from "./checksum";

const INVERSE_OF_65535: u64 = 0xfffe_fffe_fffe_ffff;
const MULTIPLES_OF_65535: u64 = 0x0001_0001_0001_0001;

/** The header's checksum, over its 20 bytes, is right. */
export function isIp4ChecksumRight(header: usize): bool {
  return isAllOnes(firstWords(header) + addressWords(header));
}

/** The checksum of the TCP segment or UDP datagram behind the header is right; there must be one. */
export function isTransportChecksumRight4(packet: usize, bytes: u32): bool {
  const left = bytes - Wire.IP4_SIZE;
  const protocol = <u32>load<u8>(packet, Wire.IP4_PROTOCOL) << 8;
  return isAllOnes(addressWords(packet) + (protocol + <u32>bswap<u16>(<u16>left)) + wordsSum(packet + Wire.IP4_SIZE, left));
}

function firstWords(header: usize): u64 {
  return <u64>load<u32>(header) + load<u32>(header, 4) + load<u32>(header, 8);
}

function addressWords(header: usize): u64 {
  return <u64>load<u32>(header, Wire.IP4_SRC) + load<u32>(header, Wire.IP4_DST);
}

/**
 * A sum of words of 32 bits, not zero, folds to 0xffff: it is a multiple of 65535. Those are the numbers whose product
 * with 65535's inverse modulo 2^64 is no larger than (2^64 − 1) / 65535 (Granlund and Montgomery, 1994).
 */
function isAllOnes(sum: u64): bool {
  return sum * INVERSE_OF_65535 <= MULTIPLES_OF_65535;
}
