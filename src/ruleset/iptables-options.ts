/** The options of one match or target, and the values behind them. */

import { parseAddress } from "../network/address.ts";
import { LineError, UnsupportedWords, type Word, wordText } from "./iptables-words-of.ts";
import type { Literal, NamedSet, Statement } from "./types.ts";

/** One option as the line has it, under its main name. */
export interface Option {
  readonly name: string;
  /** As it is written. */
  readonly word: Word;
  readonly isNegated: boolean;
  readonly values: readonly Word[];
}

/** What a match or target is understood from besides its own options. */
export interface RuleContext {
  readonly family: "ip" | "ip6";
  readonly table: string;
  /** The chain that the rule stands in, and its line, which no other has. */
  readonly chain: string;
  readonly line: number;
  /** What `-p` says, unless it is negated. */
  readonly protocol?: number;
  /** The sets that `--match-set` can name. */
  readonly sets: IpSets;
  /** The table gets the set, unless it has one of that name. */
  readonly useSet: (set: NamedSet) => void;
}

/** Sets of `ipset save` by their names: see ipset.ts. */
export interface IpSets {
  /** What `--match-set NAME src,dst` comes to. */
  readonly match: (name: Word, directions: Word, family: "ip" | "ip6") => IpSetMatch;
}

export interface IpSetMatch {
  readonly statements: readonly Statement[];
  /** Those that the statements name. */
  readonly sets: readonly NamedSet[];
}

/** A match (`-m`) or a target (`-j`): its options, and what it comes to. */
export interface Extension {
  /** How many words stand behind each option. */
  readonly options: Readonly<Record<string, number>>;
  /** Other names of options. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly lower: (options: Options, context: RuleContext) => readonly Statement[];
}

export class Options {
  readonly all: readonly Option[];
  /** The word that names the match or target. */
  readonly named: Word;

  constructor(named: Word, all: readonly Option[]) {
    this.named = named;
    this.all = all;
  }

  get(name: string): Option | undefined {
    return this.all.find((option) => option.name === name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** The option, which must be there. */
  need(name: string): Option {
    const option = this.get(name);
    if (option === undefined) throw new LineError(this.named.column, `"${this.named.text}" wants --${name}`);
    return option;
  }

  /** The first value of the option. */
  value(name: string): Word | undefined {
    return this.get(name)?.values[0];
  }

  number(name: string, max: number, fallback: number): number {
    const word = this.value(name);
    return word === undefined ? fallback : numberOf(word, max);
  }
}

/** `! --option value` as it can be read again. */
export function optionText({ word, isNegated, values }: Option): string {
  return [isNegated ? "!" : "", word.text, ...values.map(wordText)].filter((text) => text !== "").join(" ");
}

export function unsupported(word: Word, what = word.text): UnsupportedWords {
  return new UnsupportedWords(word.column, `${what} is not supported`);
}

/** A whole number: decimal, or hexadecimal with 0x. */
export function numberOf(word: Word, max = 0xffff_ffff): number {
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(word.text) ? Number(word.text) : Number.NaN;
  if (!(number <= max)) throw new LineError(word.column, `"${word.text}" is no number from 0 to ${max}`);
  return number;
}

/** `from<separator>to`, where either end may be left out, or one number. */
export function rangeOf(word: Word, max: number, separator = ":"): readonly [from: number, to: number] {
  const [from = "", to, ...others] = word.text.split(separator);
  const part = (text: string, fallback: number) => (text === "" ? fallback : numberOf({ ...word, text }, max));
  if (others.length > 0 || word.text === "") throw new LineError(word.column, `"${word.text}" is no range`);
  const low = part(from, 0);
  const high = to === undefined ? low : part(to, max);
  if (low > high) throw new LineError(word.column, `the range "${word.text}" ends before it begins`);
  return [low, high];
}

/** A number, or a range of them where the ends differ. */
export function rangeLiteral([from, to]: readonly [number, number]): Literal {
  if (from === to) return number(from);
  return { kind: "range", from: number(from), to: number(to) };
}

/** `value/mask`; without a mask all bits count. */
export function maskedOf(word: Word, max = 0xffff_ffff): readonly [value: number, mask: number] {
  const [value = "", mask, ...others] = word.text.split("/");
  if (others.length > 0) throw new LineError(word.column, `"${word.text}" is no number with a mask`);
  return [numberOf({ ...word, text: value }, max), mask === undefined ? max : numberOf({ ...word, text: mask }, max)];
}

/** An address of the family, in canonical form. */
export function addressIn(word: Word, family: "ip" | "ip6"): Uint8Array {
  const bytes = parseAddress(word.text);
  if (bytes?.length === (family === "ip" ? 4 : 16)) return bytes;
  throw new LineError(word.column, `"${word.text}" is no ${family === "ip" ? "IPv4" : "IPv6"} address`);
}

/** The parts of a list, each with its own column. */
export function listOf(word: Word, separator = ","): Word[] {
  let column = word.column;
  return word.text.split(separator).map((text) => {
    const part = { text, column, isQuoted: false };
    column += text.length + separator.length;
    if (text === "") throw new LineError(part.column, `"${word.text}" has an empty part`);
    return part;
  });
}

/** The value that the word names. */
export function oneOf<T>(word: Word, known: Readonly<Record<string, T>>, what: string): T {
  const found = Object.hasOwn(known, word.text) ? known[word.text] : undefined;
  if (found === undefined) throw new LineError(word.column, `"${word.text}" is no ${what}`);
  return found;
}

export function number(value: number): Literal {
  return { kind: "number", value };
}
