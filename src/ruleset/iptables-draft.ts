/** A rule of `iptables-save` word by word: what of it is header, matches, target. */

import { HEADER_OPTIONS, protocolOf } from "./iptables-header.ts";
import { MATCHES } from "./iptables-matches.ts";
import { type Extension, type Option, optionText } from "./iptables-options.ts";
import { TARGETS } from "./iptables-targets.ts";
import { LineError, type Word, wordText } from "./iptables-words-of.ts";

/** Modules that options belong to without `-m`, by their protocols. */
const IMPLIED: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6", 132: "sctp" };

/** A match or target with its words. */
export interface Part {
  readonly named: Word;
  readonly extension: Extension | undefined;
  readonly options: Option[];
  /** Words that are no option of it. */
  strange: Word | undefined;
  readonly texts: string[];
}

/** A rule's words, sorted by what they belong to. */
export interface Draft {
  readonly header: Map<string, Option>;
  readonly matches: Part[];
  target: Part | undefined;
  jump: { readonly chain: Word; readonly kind: "jump" | "goto" } | undefined;
}

/** Sorts a rule's words. */
export function draftOf(words: readonly Word[], isChain: (name: string) => boolean): Draft {
  const draft: Draft = { header: new Map(), matches: [], target: undefined, jump: undefined };
  const reader = new WordReader(words);
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    const isNegated = word.text === "!" && !word.isQuoted;
    const option = isNegated ? reader.need(word) : word;
    const header = ownerOf(draft, option) === undefined ? HEADER_OPTIONS[option.text] : undefined;
    if (option.isQuoted || !option.text.startsWith("-"))
      throw new LineError(option.column, `"${option.text}" is no option`);
    if (header !== undefined) addHeader(draft, reader, header, option, isNegated);
    else if (option.text === "-m" || option.text === "--match") addMatch(draft, reader.need(option));
    else if (option.text === "-j" || option.text === "--jump") addTarget(draft, reader.need(option), "jump", isChain);
    else if (option.text === "-g" || option.text === "--goto") addTarget(draft, reader.need(option), "goto", isChain);
    else addOption(draft, reader, option, isNegated);
  }
  return draft;
}

function addHeader(
  { header }: Draft,
  reader: WordReader,
  [name, count]: readonly [string, number],
  word: Word,
  isNegated: boolean,
): void {
  if (header.has(name)) throw new LineError(word.column, `${name} is said twice`);
  header.set(name, { name, word, isNegated, values: reader.take(count, word) });
}

function addMatch({ matches }: Draft, named: Word): void {
  const name = named.text === "icmpv6" ? "icmp6" : named.text;
  const extension = Object.hasOwn(MATCHES, name) ? MATCHES[name] : undefined;
  matches.push({ named, extension, options: [], strange: undefined, texts: [`-m ${named.text}`] });
}

function addTarget(draft: Draft, named: Word, kind: "jump" | "goto", isChain: (name: string) => boolean): void {
  if (draft.target !== undefined || draft.jump !== undefined) throw new LineError(named.column, "a second target");
  if (kind === "goto" || isChain(named.text)) {
    if (!isChain(named.text)) throw new LineError(named.column, `there is no chain "${named.text}"`);
    draft.jump = { chain: named, kind };
    return;
  }
  const extension = Object.hasOwn(TARGETS, named.text) ? TARGETS[named.text] : undefined;
  draft.target = { named, extension, options: [], strange: undefined, texts: [`-j ${named.text}`] };
}

function addOption(draft: Draft, reader: WordReader, word: Word, isNegated: boolean): void {
  const part = ownerOf(draft, word) ?? impliedMatch(draft, word);
  if (part?.extension !== undefined) {
    const name = optionName(part.extension, word)!;
    const option = { name, word, isNegated, values: reader.take(part.extension.options[name]!, word) };
    part.options.push(option);
    part.texts.push(optionText(option));
    return;
  }
  const stranger = draft.target ?? draft.matches.at(-1);
  if (stranger === undefined) throw new LineError(word.column, `there is no match that has the option ${word.text}`);
  stranger.strange ??= word;
  const values = reader.takeValues();
  stranger.texts.push(
    [isNegated ? "!" : "", word.text, ...values.map(wordText)].filter((text) => text !== "").join(" "),
  );
}

/** An option is the target's, or that of the last match that has it: `--proto` is policy's, if there is one. */
function ownerOf({ target, matches }: Draft, word: Word): Part | undefined {
  const has = ({ extension }: Part) => extension !== undefined && optionName(extension, word) !== undefined;
  return target !== undefined && has(target) ? target : matches.findLast(has);
}

function optionName({ options, aliases = {} }: Extension, { text }: Word): string | undefined {
  if (!text.startsWith("--")) return undefined;
  const name = text.slice(2);
  if (Object.hasOwn(options, name)) return name;
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

/** `-p tcp --dport 80` needs no `-m tcp`. */
function impliedMatch(draft: Draft, word: Word): Part | undefined {
  const protocol = draft.header.get("-p");
  const name = protocol === undefined ? undefined : IMPLIED[protocolOf(protocol.values[0]!)];
  const extension = name === undefined ? undefined : MATCHES[name];
  if (name === undefined || extension === undefined || optionName(extension, word) === undefined) return undefined;
  const part: Part = {
    named: { ...word, text: name },
    extension,
    options: [],
    strange: undefined,
    texts: [`-m ${name}`],
  };
  draft.matches.push(part);
  return part;
}

class WordReader {
  readonly #words: readonly Word[];
  #at = 0;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  next(): Word | undefined {
    return this.#words[this.#at++];
  }

  need(after: Word): Word {
    const word = this.next();
    if (word === undefined) throw new LineError(after.column, `nothing stands behind ${after.text}`);
    return word;
  }

  take(count: number, after: Word): Word[] {
    return Array.from({ length: count }, () => this.need(after));
  }

  /** Words up to the next option. */
  takeValues(): Word[] {
    const values: Word[] = [];
    for (let word = this.#words[this.#at]; word !== undefined; word = this.#words[this.#at]) {
      if (!word.isQuoted && (word.text === "!" || /^-\D/.test(word.text))) break;
      values.push(word);
      this.#at++;
    }
    return values;
  }
}
