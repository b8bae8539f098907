/** Ranges of addresses: of a CIDR, with or without its ends, or from one address to another. */

import { addressOf, formatAddress, parseAddress } from "../../network/address.ts";
import { parsePrefix, prefixOf } from "../../network/prefix.ts";

export interface AddressRange {
  readonly first: Uint8Array;
  readonly size: number;
}

const ADDRESS4_BYTES = 4;
/** Larger ranges are used up to here: nobody has more Services or pods. */
const SIZE_MAX = 2 ** 32;

/** The addresses that hosts may have: without the network's own, and in IPv4 without the broadcast address. */
export function hostRange(cidr: string): AddressRange {
  const { bytes, length } = prefixOf(cidr);
  const reserved = bytes.length === ADDRESS4_BYTES ? 2 : 1;
  return { first: plus(bytes, 1), size: Math.max(0, sizeOf(bytes, length) - reserved) };
}

/** MetalLB's way to write a pool: a CIDR, of which every address counts, or `first-last`. undefined: it is neither. */
export function poolRange(text: string): AddressRange | undefined {
  const [from, to, ...more] = text.split("-").map((part) => part.trim());
  if (to === undefined) {
    const prefix = text.includes("/") ? parsePrefix(text) : undefined;
    return prefix && { first: prefix.bytes, size: sizeOf(prefix.bytes, prefix.length) };
  }
  const first = parseAddress(from ?? "");
  const last = parseAddress(to);
  if (first === undefined || last?.length !== first.length || more.length > 0) return undefined;
  const size = distance(first, last) + 1;
  return size < 1 ? undefined : { first, size: Math.min(size, SIZE_MAX) };
}

export function addressAt({ first }: AddressRange, offset: number): string {
  return formatAddress(plus(first, offset));
}

export function inRange({ first, size }: AddressRange, address: string): boolean {
  const bytes = addressOf(address);
  if (bytes.length !== first.length) return false;
  const offset = distance(first, bytes);
  return offset >= 0 && offset < size;
}

function sizeOf(bytes: Uint8Array, length: number): number {
  return Math.min(2 ** (bytes.length * 8 - length), SIZE_MAX);
}

function plus(bytes: Uint8Array, offset: number): Uint8Array {
  const sum = Uint8Array.from(bytes);
  let carry = offset;
  for (let index = sum.length - 1; index >= 0 && carry > 0; index--) {
    const value = (sum[index] ?? 0) + carry;
    sum[index] = value % 256;
    carry = Math.floor(value / 256);
  }
  return sum;
}

/** last - first: exact as far as doubles are, and of the right sign beyond. */
function distance(first: Uint8Array, last: Uint8Array): number {
  return last.reduce((sum, byte, index) => sum * 256 + byte - (first[index] ?? 0), 0);
}
