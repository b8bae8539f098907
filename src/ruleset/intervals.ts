/** Interval sets as nft keeps them: it merges what overlaps or touches, and an anonymous set of one element is no set. */

import { addressText, type Prefix, prefixLiteral } from "./address.ts";
import type { Element, Expression, Literal, Statement } from "./types.ts";

/** A match of `left` against a list of prefixes as `nft list ruleset` shows it after loading `left op { prefixes }`. */
export function prefixMatch(left: Expression, operator: "==" | "!=", prefixes: readonly Prefix[]): Statement {
  const [only] = prefixes;
  if (prefixes.length === 1 && only !== undefined) {
    return { kind: "match", left, operator, right: { kind: "literal", parts: [prefixLiteral(only)] } };
  }
  const elements: Element[] = mergePrefixes(prefixes).map((literal) => ({ key: [literal] }));
  return { kind: "lookup", key: left, set: { kind: "anonymous", elements }, invert: operator === "!=" };
}

/** The same addresses in ascending order as the fewest intervals, each a prefix where it is one and else a range. */
export function mergePrefixes(prefixes: readonly Prefix[]): Literal[] {
  const merged: { first: bigint; last: bigint; readonly bits: number }[] = [];
  for (const { first, last, bits } of [...prefixes].sort((a, b) => compare(a.first, b.first))) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous.last + 1n) merged.push({ first, last, bits });
    else if (last > previous.last) previous.last = last;
  }
  return merged.map(({ first, last, bits }) => intervalLiteral(first, last, bits));
}

function intervalLiteral(first: bigint, last: bigint, bits: number): Literal {
  const size = last - first + 1n;
  const isPrefix = (size & (size - 1n)) === 0n && first % size === 0n;
  if (isPrefix) return prefixLiteral({ first, last, bits, length: bits - (size.toString(2).length - 1) });
  return { kind: "range", from: addressLiteral(first, bits), to: addressLiteral(last, bits) };
}

function addressLiteral(number: bigint, bits: number): Literal {
  return { kind: "address", address: addressText(number, bits) };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
