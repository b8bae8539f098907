/** Networks: an address and how many of its leading bits count. */

import { addressOf, compareBytes, formatAddress, isIp4Mapped, parseAddress } from "./address.ts";

export interface Prefix {
  /** The network's address: bits behind `length` are zero. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

/** `10.0.0.0/8`; an address alone is a prefix of its full length, bits behind the length are cleared. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const bits = bytes.length * 8;
  if (slash < 0) return { bytes, length: bits };
  const digits = text.slice(slash + 1);
  const length = Number(digits);
  return LENGTH.test(digits) && length <= bits ? { bytes: maskBytes(bytes, length), length } : undefined;
}

/** The prefix of what has been checked before: no prefix is a mistake of ours. */
export function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`"${text}" is no prefix`);
  return prefix;
}

/** A CIDR as the API server takes it: `10.1.2.3/8` → `10.0.0.0/8`, as Go's ParseCIDR masks it. */
export function canonicalCidr(text: string): string | undefined {
  const prefix = text.includes("/") ? parsePrefix(text) : undefined;
  if (prefix === undefined) return undefined;
  const isMapped = isIp4Mapped(addressOf(text.slice(0, text.indexOf("/"))));
  return isMapped ? undefined : `${formatAddress(prefix.bytes)}/${prefix.length}`;
}

/** Whether the address is of the prefix's family and inside it. */
export function prefixContains(prefix: Prefix, address: Uint8Array): boolean {
  return prefix.bytes.length === address.length && compareBytes(maskBytes(address, prefix.length), prefix.bytes) === 0;
}

/** How many leading bits two addresses of a family share. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return a.length * 8;
}

/** The bytes of a netmask. */
export function netmask(length: number, bytes: number): Uint8Array {
  return maskBytes(new Uint8Array(bytes).fill(0xff), length);
}

function maskBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff << (8 - bits));
  });
}
