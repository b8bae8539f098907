/** Addresses and prefixes as the ruleset writes them: canonical text (RFC 5952) and its number. Configuration time only. */

import { IPv4, IPv6 } from "ip-num";
import { formatAddress } from "../network/address.ts";
import type { Literal } from "./types.ts";

const IPV4_BITS = 32;
const IPV6_BITS = 128;
const BYTE_BITS = 8n;
const BYTE_MASK = 0xffn;

export interface Prefix {
  /** The network's first address, as a number. */
  readonly first: bigint;
  readonly last: bigint;
  readonly length: number;
  readonly bits: number;
}

export function isIpv6(addressOrPrefix: string): boolean {
  return addressOrPrefix.includes(":");
}

export function addressBits(addressOrPrefix: string): number {
  return isIpv6(addressOrPrefix) ? IPV6_BITS : IPV4_BITS;
}

export function addressNumber(address: string): bigint {
  return isIpv6(address) ? IPv6.fromString(address).getValue() : IPv4.fromString(address).getValue();
}

/** A prefix; host bits are cleared, an address alone is a prefix of full length. */
export function parsePrefix(text: string): Prefix {
  const [address = "", length] = text.split("/");
  const bits = addressBits(address);
  const prefixLength = length === undefined ? bits : Number(length);
  const hostMask = (1n << BigInt(bits - prefixLength)) - 1n;
  const last = addressNumber(address) | hostMask;
  return { first: last ^ hostMask, last, length: prefixLength, bits };
}

export function prefixContains(prefix: Prefix, address: string): boolean {
  if (addressBits(address) !== prefix.bits) return false;
  const number = addressNumber(address);
  return number >= prefix.first && number <= prefix.last;
}

/** As nft lists it: a prefix of full length is an address. */
export function prefixLiteral(prefix: Prefix): Literal {
  const address = addressText(prefix.first, prefix.bits);
  return prefix.length === prefix.bits
    ? { kind: "address", address }
    : { kind: "prefix", address, length: prefix.length };
}

export function addressText(number: bigint, bits: number): string {
  const bytes = new Uint8Array(bits / 8);
  let rest = number;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & BYTE_MASK);
    rest >>= BYTE_BITS;
  }
  return formatAddress(bytes);
}
