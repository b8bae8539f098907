/** Interval sets as nft keeps them: it merges what overlaps or touches, and an anonymous set of one element is no set. */

import { IPv4, IPv4CidrRange, IPv6, IPv6CidrRange } from "ip-num";
import { addressOf, formatAddress } from "../network/address.ts";
import type { Prefix } from "../network/prefix.ts";
import type { Element, Expression, Literal, Statement } from "./types.ts";

const IP4_BITS = 32;

/** Addresses as numbers, both ends included. */
interface Interval {
  readonly first: bigint;
  readonly last: bigint;
  readonly bits: number;
}

/** A match of `left` against a list of prefixes as `nft list ruleset` shows it after loading `left op { prefixes }`. */
export function prefixMatch(left: Expression, operator: "==" | "!=", prefixes: readonly Prefix[]): Statement {
  if (prefixes.length === 1) {
    return { kind: "match", left, operator, right: { kind: "literal", parts: mergePrefixes(prefixes) } };
  }
  const elements: Element[] = mergePrefixes(prefixes).map((literal) => ({ key: [literal] }));
  return { kind: "lookup", key: left, set: { kind: "anonymous", elements }, invert: operator === "!=" };
}

/** The same addresses in ascending order as the fewest intervals, each a prefix where it is one and else a range. */
export function mergePrefixes(prefixes: readonly Prefix[]): Literal[] {
  const merged: Interval[] = [];
  for (const interval of prefixes.map(intervalOf).sort((a, b) => compare(a.first, b.first))) {
    const previous = merged.at(-1);
    if (previous === undefined || interval.first > previous.last + 1n) merged.push(interval);
    else if (interval.last > previous.last) merged[merged.length - 1] = { ...previous, last: interval.last };
  }
  return merged.map(intervalLiteral);
}

function intervalOf({ bytes, length }: Prefix): Interval {
  const cidr = `${formatAddress(bytes)}/${length}`;
  const bits = bytes.length * 8;
  const range = bits === IP4_BITS ? IPv4CidrRange.fromCidr(cidr) : IPv6CidrRange.fromCidr(cidr);
  return { first: range.getFirst().getValue(), last: range.getLast().getValue(), bits };
}

function intervalLiteral({ first, last, bits }: Interval): Literal {
  const size = last - first + 1n;
  const isPrefix = (size & (size - 1n)) === 0n && first % size === 0n;
  if (isPrefix) return prefixLiteral(addressText(first, bits), bits - (size.toString(2).length - 1), bits);
  return { kind: "range", from: addressLiteral(first, bits), to: addressLiteral(last, bits) };
}

/** As nft lists it: a prefix of full length is an address. */
function prefixLiteral(address: string, length: number, bits: number): Literal {
  return length === bits ? { kind: "address", address } : { kind: "prefix", address, length };
}

function addressLiteral(number: bigint, bits: number): Literal {
  return { kind: "address", address: addressText(number, bits) };
}

/** ip-num spells addresses in its own way: the text of rulesets is canonical. */
function addressText(number: bigint, bits: number): string {
  const address = bits === IP4_BITS ? new IPv4(number) : new IPv6(number);
  return formatAddress(addressOf(address.toString()));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
