/** Matches in the words of `iptables-save`: `-s 10.0.0.0/8`, `-p tcp`, `-m tcp --dport 80`, `-m conntrack --ctstate NEW`. */

import { CONNECTION_STATES, PORT_MAX } from "./iptables-words.ts";
import { protocolName } from "./protocols.ts";
import type { Expression, Literal, Statement } from "./types.ts";

type Match = Extract<Statement, { kind: "match" }>;
type Lookup = Extract<Statement, { kind: "lookup" }>;

const IP4_BITS = 32;
const IP6_BITS = 128;
const ALL_BITS = 0xffff_ffff;
const HEADER_WORDS = /^(! )?-[sdiopf]\b/;

/** What iptables itself matches, before any extension: addresses, interfaces and the protocol. */
export function isHeaderMatch(statement: Statement): boolean {
  if (statement.kind === "xt") return HEADER_WORDS.test(statement.words);
  return statement.kind === "match" && headerOption(statement.left) !== undefined;
}

/** A lookup among listed states: the form of `--ctstate` that can be negated and that knows SNAT and DNAT. */
export function statesText({ key, set, invert }: Lookup): string {
  if (key.kind !== "ct" || key.key !== "state" || set.kind !== "anonymous") throw new Error("iptables has no sets");
  const names = set.elements.flatMap((element) => element.key.map((part) => (part.kind === "name" ? part.name : "")));
  return `-m conntrack ${invert ? "! " : ""}--ctstate ${stateWords(names)}`;
}

export function matchText(match: Match): string {
  const { left, operator } = match;
  if (operator !== "==" && operator !== "!=") throw new Error(`iptables has no words for the comparison ${operator}`);
  const not = operator === "!=" ? "! " : "";
  const option = headerOption(left);
  if (option !== undefined) return `${not}${option} ${headerValue(literalOf(match))}`;
  switch (left.kind) {
    case "payload":
      return portText(left.protocol, left.field, match, not);
    case "ct":
      return `-m conntrack ${not}--ctstate ${stateWords(nameOf(match).split(","))}`;
    case "fib":
      return `-m addrtype ${not}--${addressEnd(left.flags)}-type ${nameOf(match).toUpperCase()}`;
    case "meta":
      return `-m mark ${not}--mark ${markText(numberOf(match), ALL_BITS)}`;
    case "bitwise":
      return `-m mark ${not}--mark ${markText(numberOf(match), left.right)}`;
    default:
      throw new Error(`iptables has no words for a match of ${left.kind}`);
  }
}

function headerOption(left: Expression): string | undefined {
  if (left.kind === "payload") return left.field === "saddr" ? "-s" : left.field === "daddr" ? "-d" : undefined;
  if (left.kind !== "meta") return undefined;
  return { iifname: "-i", oifname: "-o", l4proto: "-p" }[left.key as string];
}

/** An address is written as a prefix; an interface's name that ends in "+" stands for all that begin so. */
function headerValue(literal: Literal): string {
  switch (literal.kind) {
    case "address":
      return `${literal.address}/${literal.address.includes(":") ? IP6_BITS : IP4_BITS}`;
    case "prefix":
      return `${literal.address}/${literal.length}`;
    case "protocol":
      return protocolName(literal.protocol);
    case "name":
      return literal.name.replace(/\*$/, "+");
    default:
      throw new Error(`iptables has no words for a ${literal.kind} here`);
  }
}

/** Every port at once is no option: `-m tcp` alone wants the header only. */
function portText(protocol: string, field: string, match: Match, not: string): string {
  if (field !== "dport" && field !== "sport") throw new Error(`iptables has no words for ${protocol} ${field}`);
  const literal = literalOf(match);
  if (literal.kind === "number") return `-m ${protocol} ${not}--${field} ${literal.value}`;
  if (literal.kind !== "range" || literal.from.kind !== "number" || literal.to.kind !== "number") {
    throw new Error(`iptables has no words for a port that is a ${literal.kind}`);
  }
  const [from, to] = [literal.from.value, literal.to.value];
  return from === 0 && to === PORT_MAX && not === ""
    ? `-m ${protocol}`
    : `-m ${protocol} ${not}--${field} ${from}:${to}`;
}

function stateWords(names: readonly string[]): string {
  const states = CONNECTION_STATES.filter((state) => names.includes(state));
  if (states.length !== names.length || names.length === 0) throw new Error("iptables has no words for this state");
  return states.map((state) => state.toUpperCase()).join(",");
}

function addressEnd(flags: readonly string[]): string {
  return flags.includes("saddr") ? "src" : "dst";
}

function markText(value: number, mask: number): string {
  return mask === ALL_BITS ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function literalOf({ right }: Match): Literal {
  const literal = right.kind === "literal" && right.parts.length === 1 ? right.parts[0] : undefined;
  if (literal === undefined) throw new Error("iptables compares with one constant");
  return literal;
}

function numberOf(match: Match): number {
  const literal = literalOf(match);
  if (literal.kind !== "number") throw new Error(`iptables has no words for a ${literal.kind} where a number is`);
  return literal.value;
}

function nameOf(match: Match): string {
  const literal = literalOf(match);
  if (literal.kind !== "name") throw new Error(`iptables has no words for a ${literal.kind} where a name is`);
  return literal.name;
}
