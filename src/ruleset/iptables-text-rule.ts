/** Rules and targets in the words of `iptables-save`. What only nft can say has none here: asking for it is a mistake of ours. */

import { isHeaderMatch, matchText, statesText } from "./iptables-text-match.ts";
import { CERTAIN, REJECT_WORDS, WHOLE_ADDRESS } from "./iptables-words.ts";
import type { Expression, Literal, Nat, Recent, RejectWith, Rule, Statement, Verdict } from "./types.ts";
import type { Counter } from "./xt.ts";

const PROBABILITY_DECIMALS = 11;
const ALL_BITS = 0xffff_ffff;
/** What xtables_save_string() leaves without quotes, and what it puts a backslash before. */
const PLAIN = /^[\w-]+$/;
const ESCAPED = /["'\\]/g;

const VERDICTS: Readonly<Record<string, string>> = { accept: "ACCEPT", drop: "DROP", return: "RETURN" };

/** `-A CHAIN …`. The comment stands where it stood among the matches: behind addresses and protocol, if nothing is said. */
export function ruleText(chain: string, rule: Rule, family: "ip" | "ip6"): string {
  const { statements, comment, commentAfter = headerLength(statements) } = rule;
  const words = rule.counter === undefined ? [] : [counterText(rule.counter)];
  words.push(`-A ${chain}`);
  statements.forEach((statement, index) => {
    if (index === commentAfter && comment !== undefined) words.push(commentText(comment));
    words.push(statementText(statement, family));
  });
  if (commentAfter >= statements.length && comment !== undefined) words.push(commentText(comment));
  return words.join(" ");
}

/** `[packets:bytes]` */
export function counterText({ packets, bytes }: Counter): string {
  return `[${packets}:${bytes}]`;
}

/** How many statements stand before the place of a comment, if nothing is said. */
export function headerLength(statements: readonly Statement[]): number {
  const length = statements.findIndex((statement) => !isHeaderMatch(statement));
  return length < 0 ? statements.length : length;
}

function commentText(comment: string): string {
  return `-m comment --comment ${PLAIN.test(comment) ? comment : `"${comment.replace(ESCAPED, "\\$&")}"`}`;
}

/** Throws where iptables has no words for it. */
export function statementText(statement: Statement, family: "ip" | "ip6"): string {
  switch (statement.kind) {
    case "match":
      return matchText(statement);
    case "lookup":
      return statesText(statement);
    case "statistic":
      return `-m statistic --mode random --probability ${(statement.probability / CERTAIN).toFixed(PROBABILITY_DECIMALS)}`;
    case "recent":
      return recentText(statement, family);
    case "nfacct":
      return `-m nfacct --nfacct-name  ${statement.name}`; // two blanks, as iptables prints them
    case "xt":
      return statement.words;
    case "mangle":
      return markText(statement.target, statement.value);
    case "reject":
      return statement.with === undefined ? "-j REJECT" : `-j REJECT --reject-with ${rejectWord(statement.with)}`;
    case "verdict":
      return verdictText(statement.verdict);
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return natText(statement);
    default:
      throw new Error(`iptables has no words for the statement ${statement.kind}`);
  }
}

function recentText(statement: Recent, family: "ip" | "ip6"): string {
  const { list, operation, seconds, hits, mask = WHOLE_ADDRESS[family] } = statement;
  const words = [`-m recent ${statement.invert ? "! " : ""}--${operation}`];
  if (seconds !== undefined) words.push(`--seconds ${seconds}`);
  if (statement.reap) words.push("--reap");
  if (hits !== undefined) words.push(`--hitcount ${hits}`);
  if (statement.ttl) words.push("--rttl");
  words.push(`--name ${list} --mask ${mask} ${statement.destination ? "--rdest" : "--rsource"}`);
  return words.join(" ");
}

/** `--set-xmark value/mask` clears the mask's bits and flips the value's: how iptables keeps --or-mark and the like. */
function markText(target: string, value: Expression): string {
  if (target !== "meta mark") throw new Error(`iptables has no words for setting ${target}`);
  const [flipped, cleared] = markChange(value);
  return `-j MARK --set-xmark ${hex(flipped)}/${hex(cleared)}`;
}

function markChange(value: Expression): [flipped: number, cleared: number] {
  if (value.kind === "meta" && value.key === "mark") return [0, 0];
  if (value.kind === "literal" && value.parts[0]?.kind === "number") return [value.parts[0].value, ALL_BITS];
  if (value.kind !== "bitwise") throw new Error(`iptables has no words for a mark from ${value.kind}`);
  const [flipped, cleared] = markChange(value.left);
  const { right } = value;
  if (value.operator === "^") return [(flipped ^ right) >>> 0, cleared];
  if (value.operator === "|") return [(flipped | right) >>> 0, (cleared | right) >>> 0];
  return [(flipped & right) >>> 0, (cleared | ~right) >>> 0];
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function rejectWord(answer: RejectWith): string {
  const found = REJECT_WORDS.find(([, known]) => known.type === answer.type && codeOf(known) === codeOf(answer));
  if (found === undefined) throw new Error(`iptables has no words for rejecting with ${codeOf(answer)}`);
  return found[0];
}

function codeOf(answer: RejectWith): string {
  return answer.type === "tcp reset" ? "" : answer.code;
}

function verdictText(verdict: Verdict): string {
  if (verdict.kind === "jump") return `-j ${verdict.chain}`;
  if (verdict.kind === "goto") return `-g ${verdict.chain}`;
  const word = VERDICTS[verdict.kind];
  if (word === undefined) throw new Error(`iptables has no words for the verdict ${verdict.kind}`);
  return `-j ${word}`;
}

function natText({ kind, target, port, prefix, flags }: Nat): string {
  if (prefix) throw new Error(`iptables has no words for a prefix as the target of ${kind}`);
  const words = [`-j ${kind.toUpperCase()}`];
  const address = target === undefined ? "" : constantText(target);
  if (kind === "dnat" || kind === "snat") {
    const host = address.includes(":") && port !== undefined ? `[${address}]` : address;
    const option = kind === "dnat" ? "--to-destination" : "--to-source";
    words.push(`${option} ${host}${port === undefined ? "" : `:${literalText(port)}`}`);
  } else if (port !== undefined) words.push(`--to-ports ${literalText(port)}`);
  for (const flag of flags) words.push(flag === "fully-random" ? "--random-fully" : `--${flag}`);
  return words.join(" ");
}

function constantText(expression: Expression): string {
  const literal = expression.kind === "literal" && expression.parts.length === 1 ? expression.parts[0] : undefined;
  if (literal === undefined) throw new Error(`iptables has no words for an address from ${expression.kind}`);
  return literalText(literal);
}

function literalText(literal: Literal): string {
  if (literal.kind === "address") return literal.address;
  if (literal.kind === "number") return String(literal.value);
  if (literal.kind === "range") return `${literalText(literal.from)}-${literalText(literal.to)}`;
  throw new Error(`iptables has no words for a ${literal.kind} in a translation`);
}
