/** Checksums of the packet that nearly every packet is: IPv4 without options, carrying TCP or UDP. */

import * as Wire from "../layout/wire";
import { foldWords, wordsSum } from "./checksum";

const INVERSE_OF_65535: u64 = 0xfffe_fffe_fffe_ffff;
const MULTIPLES_OF_65535: u64 = 0x0001_0001_0001_0001;

/** The packets that plainSums() can sum up have at least so many bytes. */
export const SUMMED_BYTES_MIN: u32 = 33;
/** Bytes that are summed at a time. */
const STEP: u32 = 32;
/** A step of ones, then as many zeros: what stands n bytes before the middle keeps the first n bytes of a step. */
const tailMask: usize = memory.data<u64>([-1, -1, -1, -1, 0, 0, 0, 0], 16);

/** Vectors of eight 16-bit words: the top bits; ones; ones for the first two; what the pseudo header has of a header's start. */
const FLIP: usize = 0;
const ONES: usize = 16;
const FIRST_TWO: usize = 32;
const PSEUDO: usize = 48;
const vectors: usize = memory.data<u16>([
  0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000,
  1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 0, 0, 0, 0, 0, 0,
  0, 0xffff, 0, 0, 0xff00, 0, 0xffff, 0xffff,
], 16);

/** What turning the top bits has taken: 32768 for each word of the header, of two vectors, of each byte's half a word. */
const HEADER_TURNED: u32 = ASC_FEATURE_SIMD ? 10 << 15 : 0;
const VECTORS_TURNED: u32 = ASC_FEATURE_SIMD ? 16 << 15 : 0;
const BYTE_TURNED: u32 = ASC_FEATURE_SIMD ? 1 << 14 : 0;
/** What takes the 20 bytes of the IP header from a length in network order, in one's complement. */
const LESS_HEADER: u32 = 0xffff - (Wire.IP4_SIZE << 8);

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

/**
 * Sums over the header and over the segment with its pseudo header, for isHeaderSumRight() and isSegmentSumRight().
 * Words are summed as signed numbers, because one instruction multiplies and adds eight of those: with their top bits
 * turned, each is 32768 less than it was.
 */
export function plainSums(packet: usize, bytes: u32): u64 {
  if (!ASC_FEATURE_SIMD) return plainSumsOfWords(packet, bytes);
  const flip = v128.load(vectors, FLIP);
  const ones = v128.load(vectors, ONES);
  const first = v128.load(packet);
  const second = v128.xor(v128.load(packet, 16), flip);
  const header = i32x4.add(
    i32x4.dot_i16x8_s(v128.xor(first, flip), ones),
    i32x4.dot_i16x8_s(second, v128.load(vectors, FIRST_TWO)),
  );
  const pseudo = v128.xor(v128.and(first, v128.load(vectors, PSEUDO)), flip);
  let sum = i32x4.add(i32x4.dot_i16x8_s(pseudo, ones), i32x4.dot_i16x8_s(second, ones));
  const tail = packet + beforeTail(bytes);
  for (let at = packet + STEP; at < tail; at += STEP) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.xor(v128.load(at), flip), ones));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.xor(v128.load(at, 16), flip), ones));
  }
  const mask = tailMask + STEP - (packet + bytes - tail);
  const left = v128.and(v128.load(tail), v128.load(mask));
  const right = v128.and(v128.load(tail, 16), v128.load(mask, 16));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.xor(left, flip), ones));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.xor(right, flip), ones));
  return lanesTogether(header, sum);
}

/** The same sums without vectors: no bits are turned. */
function plainSumsOfWords(packet: usize, bytes: u32): u64 {
  const protocol = <u32>load<u8>(packet, Wire.IP4_PROTOCOL) << 8;
  const pseudo = addressWords(packet) + (protocol + <u32>load<u16>(packet, Wire.IP4_TOTAL_LENGTH));
  const segment = foldWords(pseudo + wordsSum(packet + Wire.IP4_SIZE, bytes - Wire.IP4_SIZE));
  return ((<u64>segment) << 32) | foldWords(firstWords(packet) + addressWords(packet));
}

/** Of sums that plainSums() made, that over the header is of a right checksum. */
export function isHeaderSumRight(sums: u64): bool {
  return isMultiple(<u32>sums + HEADER_TURNED);
}

/** Of sums that plainSums() made of a packet of so many bytes, that over the segment is of a right checksum. */
export function isSegmentSumRight(sums: u64, bytes: u32): bool {
  return isMultiple(<u32>(sums >> 32) + LESS_HEADER + VECTORS_TURNED + beforeTail(bytes) * BYTE_TURNED);
}

/** Bytes before the last step, which has 1 to 32. */
function beforeTail(bytes: u32): u32 {
  return (bytes - 1) & ~(STEP - 1);
}

/** The four lanes of two vectors together, in the lower and the upper half. */
function lanesTogether(low: v128, high: v128): u64 {
  const first = i8x16.shuffle(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const second = i8x16.shuffle(low, high, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const halves = i32x4.add(first, second);
  const upper = i8x16.shuffle(halves, halves, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  return i64x2.extract_lane(i32x4.add(halves, upper), 0);
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
export function isAllOnes(sum: u64): bool {
  return sum * INVERSE_OF_65535 <= MULTIPLES_OF_65535;
}

/** The same of a sum below 2^32. */
function isMultiple(sum: u32): bool {
  return sum * <u32>INVERSE_OF_65535 <= <u32>MULTIPLES_OF_65535;
}
