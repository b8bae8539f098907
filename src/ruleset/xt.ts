/** Rules in iptables' own words: what nft has no words for, and what is said in another way than the printer would. */

import type { Statement } from "./types.ts";

/** iptables only: a match or a target, and what it comes to. Only where the words could not be found again from that. */
export interface Xt {
  readonly kind: "xt";
  /** As `iptables-save` writes them: "-m multiport --dports 80,443". */
  readonly words: string;
  /** None: it lets every packet pass and does nothing to it. */
  readonly statements: readonly Statement[];
}

/** Matches when all statements of one of the alternatives match; with `invert` when those of none do. */
export interface Alternatives {
  readonly kind: "alternatives";
  readonly of: readonly (readonly Statement[])[];
  readonly invert: boolean;
}

/** xt_string: the packet has the bytes, all of them from the byte `from` of its IP header on and before the byte `to`. */
export interface Search {
  readonly kind: "search";
  readonly bytes: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly ignoresCase: boolean;
  readonly invert: boolean;
}

/** xt_u32: each of the tests holds, with `invert` not each. */
export interface WordTests {
  readonly kind: "u32";
  readonly tests: readonly WordTest[];
  readonly invert: boolean;
}

/** The word at an offset, what is computed of it, and the ranges of which one must have the result. */
export interface WordTest {
  readonly at: number;
  readonly steps: readonly { readonly operator: WordOperator; readonly number: number }[];
  readonly ranges: readonly (readonly [low: number, high: number])[];
}

/** `@`: the word at an offset behind where the value leads. */
export type WordOperator = "&" | "<<" | ">>" | "@";

/** xt_time: so many seconds ago it was one of these days of the month, UTC. */
export interface MonthDays {
  readonly kind: "month days";
  readonly days: readonly number[];
  readonly secondsAgo: number;
}

/** Packets and bytes that a rule or a policy has met, as `iptables-save -c` writes them before it. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/** No packet. */
export const NEVER: Alternatives = { kind: "alternatives", of: [], invert: false };

export function eitherOf(...of: readonly (readonly Statement[])[]): Alternatives {
  return { kind: "alternatives", of, invert: false };
}

export function noneOf(...of: readonly (readonly Statement[])[]): Alternatives {
  return { kind: "alternatives", of, invert: true };
}

/** The statements with what stands behind iptables' words in their place. */
export function plainStatements(statements: readonly Statement[]): readonly Statement[] {
  if (!statements.some(({ kind }) => kind === "xt")) return statements;
  return statements.flatMap((statement) =>
    statement.kind === "xt" ? plainStatements(statement.statements) : statement,
  );
}

/** "match" or "target", and its name: what nft says of it. */
export function xtName({ words }: Xt): readonly [type: "match" | "target", name: string] {
  const [, option, name] = /^(-[mj]) (\S+)/.exec(words) ?? [];
  if (option === undefined) return ["match", words];
  return [option === "-j" ? "target" : "match", name ?? ""];
}
