/** A line of `iptables-save` as words, by the quoting of iptables-restore (add_param_to_argv of xshared.c). */

export interface Word {
  readonly text: string;
  /** From 1. */
  readonly column: number;
  /** It stood in quotes, and is a value whatever it begins with. */
  readonly isQuoted: boolean;
}

/** What is wrong with a line, and where in it. */
export class LineError extends Error {
  override readonly name = "LineError";
  readonly column: number;
  readonly remedy: string | undefined;

  constructor(column: number, message: string, remedy?: string) {
    super(message);
    this.column = column;
    this.remedy = remedy;
  }
}

/** iptables may well understand it: what stands there is not supported here. */
export class UnsupportedWords extends LineError {
  override readonly name = "UnsupportedWords" as "LineError";
}

const BLANK = /\s/;

/** Words are divided by blanks; quotes keep blanks, and a backslash in them the character behind it. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  for (let at = 0; at < line.length; ) {
    if (BLANK.test(line[at]!)) at++;
    else at = readWord(line, at, words);
  }
  return words;
}

/** Returns where the word ends. Quotes may begin and end anywhere in it. */
function readWord(line: string, start: number, words: Word[]): number {
  let text = "";
  let quote = "";
  let quotedAt = 0;
  let isQuoted = false;
  let at = start;
  for (; at < line.length; at++) {
    const character = line[at]!;
    if (quote === "") {
      if (BLANK.test(character)) break;
      if (character === '"' || character === "'") {
        quote = character;
        quotedAt = at;
        isQuoted = true;
      } else text += character;
    } else if (character === quote) quote = "";
    else if (character === "\\" && at + 1 < line.length) text += line[++at];
    else text += character;
  }
  if (quote !== "") throw new LineError(quotedAt + 1, `the quote ${quote} is not closed`);
  words.push({ text, column: start + 1, isQuoted });
  return at;
}

/** What xtables_save_string() puts a backslash before. */
const ESCAPED = /["'\\]/g;

/** The word as it can be read again. */
export function wordText({ text, isQuoted }: Word): string {
  return isQuoted || text === "" || BLANK.test(text) ? `"${text.replace(ESCAPED, "\\$&")}"` : text;
}
