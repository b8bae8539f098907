/**
 * The internet checksum (RFC 1071). All sums here are of 16-bit words as loaded, little-endian: one's-complement
 * addition does not care about byte order as long as everybody uses the same, and checksum fields are loaded the same way.
 */

import { Packet } from "../packet";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { crc32cOfSctp } from "./crc32c";
import { coverageOf } from "./udp";

/** A sum of this many bytes cannot overflow the 32-bit lanes: each step of 32 bytes adds at most 4 × 0xffff to a lane. */
const SUM_BYTES_MAX: u32 = 1 << 18;
/** Bytes that are summed at a time. */
const STEP: usize = 32;
/** A step of ones, then as many zeros: what stands n bytes before the middle keeps the first n bytes of a step. */
const tailMask: usize = memory.data<u64>([-1, -1, -1, -1, 0, 0, 0, 0], 16);

/** One's-complement sum of `bytes` bytes, folded to 16 bits; an odd last byte counts as the first of a word. */
export function partialSum(address: usize, bytes: u32): u32 {
  return foldWords(wordsSum(address, bytes));
}

/**
 * The same, not folded: less than 2^48. Up to 31 bytes behind the last are loaded and masked off: the arena ends with a
 * margin for that.
 */
export function wordsSum(address: usize, bytes: u32): u64 {
  assert(bytes < SUM_BYTES_MAX, "sum of too many bytes");
  if (!ASC_FEATURE_SIMD) return sumOfWords(address, bytes);
  const end = address + bytes;
  const tail = address + (bytes & ~(<u32>STEP - 1));
  const mask = tailMask + STEP - (end - tail);
  let even = i32x4.extadd_pairwise_i16x8_u(v128.and(v128.load(tail), v128.load(mask)));
  let odd = i32x4.extadd_pairwise_i16x8_u(v128.and(v128.load(tail, 16), v128.load(mask, 16)));
  for (; address < tail; address += STEP) {
    even = i32x4.add(even, i32x4.extadd_pairwise_i16x8_u(v128.load(address)));
    odd = i32x4.add(odd, i32x4.extadd_pairwise_i16x8_u(v128.load(address, 16)));
  }
  return sumOfLanes(i32x4.add(even, odd));
}

/** The four lanes together. */
function sumOfLanes(lanes: v128): u64 {
  const low: u64 = i64x2.extract_lane(lanes, 0);
  const high: u64 = i64x2.extract_lane(lanes, 1);
  return (low & 0xffffffff) + (low >> 32) + (high & 0xffffffff) + (high >> 32);
}

/** The same without vectors, of words of 32 bits. */
function sumOfWords(address: usize, bytes: u32): u64 {
  const tail = address + (bytes & ~7);
  const left = load<u64>(tail) & (((<u64>1) << (<u64>(bytes & 7) << 3)) - 1);
  let sum = (left & 0xffffffff) + (left >> 32);
  for (; address < tail; address += 8) sum += <u64>load<u32>(address) + load<u32>(address, 4);
  return sum;
}

/** Folds a sum of words of 32 or of 16 bits to 16 bits. */
export function foldWords(sum: u64): u32 {
  return fold(<u32>(sum & 0xffff) + <u32>((sum >> 16) & 0xffff) + <u32>(sum >> 32));
}

/** Folds a sum of 16-bit words to 16 bits. */
export function fold(sum: u32): u32 {
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

/**
 * The checksum after a 16-bit field went from `from` to `to`: RFC 1624 eqn. 3, HC' = ~(~HC + ~m + m').
 * The added 0xffff is a one's-complement zero: it makes the sum of nothing 0xffff, as the kernel's 32-bit arithmetic does.
 */
export function replaceChecksum16(check: u32, from: u32, to: u32): u32 {
  return fold((~check & 0xffff) + (~from & 0xffff) + (to & 0xffff) + 0xffff) ^ 0xffff;
}

/** The same for a 32-bit field. */
export function replaceChecksum32(check: u32, from: u32, to: u32): u32 {
  const removed: u32 = (~from & 0xffff) + (~from >> 16);
  const added: u32 = (to & 0xffff) + (to >> 16);
  return fold((~check & 0xffff) + removed + added + 0xffff) ^ 0xffff;
}

/** Sum of the pseudo header (RFC 9293, RFC 8200 8.1): addresses, protocol and length of the transport packet. */
export function pseudoHeaderSum(packet: Packet, protocol: u32, bytes: u32): u32 {
  const isIp4 = packet.family == 4;
  const addresses = packet.address + (isIp4 ? Wire.IP4_SRC : Wire.IP6_SRC);
  const sum = partialSum(addresses, isIp4 ? 8 : 32);
  return fold(sum + (protocol << 8) + bswap<u16>(<u16>bytes));
}

/**
 * The transport checksum is right, or there is none: UDP's 0, protocols without. The header must be there
 * (hasTcpHeader() …). The sum runs over all that IP carries, not over UDP's own length: as nf_checksum() does.
 */
export function transportChecksumValid(packet: Packet): bool {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  const protocol = packet.protocol;
  if (protocol == Protocol.SCTP) return load<u32>(header, Wire.SCTP_CHECKSUM) == crc32cOfSctp(header, bytes);
  if (protocol == Protocol.ICMP) return partialSum(header, bytes) == 0xffff;
  if (protocol == Protocol.UDPLITE) return liteChecksumValid(packet, protocol);
  if (protocol == Protocol.UDP) {
    if (load<u16>(header, Wire.UDP_CHECKSUM) == 0) return true;
  } else if (protocol != Protocol.TCP && protocol != Protocol.ICMP6) {
    return true;
  }
  return fold(pseudoHeaderSum(packet, protocol, bytes) + partialSum(header, bytes)) == 0xffff;
}

/** UDP-Lite's checksum is there and right, if the pseudo header names `protocol`. */
export function liteChecksumValid(packet: Packet, protocol: u32): bool {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  const covered = coverageOf(header, bytes);
  if (covered == 0 || load<u16>(header, Wire.UDP_CHECKSUM) == 0) return false;
  return fold(pseudoHeaderSum(packet, protocol, bytes) + partialSum(header, covered)) == 0xffff;
}
