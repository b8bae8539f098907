/** JSON with offsets: a scanner that is only needed when a place or the cause of a syntax error is asked for. */

import type { DuplicateKey, Spot } from "./position.ts";
import { SpotBuilder } from "./spot-builder.ts";

export type JsonScan =
  | { readonly spot: Spot; readonly end: number; readonly duplicates: readonly DuplicateKey[] }
  | { readonly error: string; readonly offset: number };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;
const LITERALS = ["true", "false", "null"];
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CONTROL_MAX = 0x1f;

/** The end of the white space at `offset`. */
export function skipSpace(text: string, offset: number): number {
  SPACE.lastIndex = offset;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/** The one value at `offset` (RFC 8259). Nesting costs no stack. */
export function scanJson(text: string, offset: number): JsonScan {
  const scanner = new Scanner(text, offset);
  let root: Spot | undefined;
  while (root === undefined) {
    const error = scanner.step();
    if (error !== undefined) return { error, offset: scanner.at };
    root = scanner.builder.roots[0];
  }
  return { spot: root, end: scanner.at, duplicates: scanner.builder.duplicates };
}

class Scanner {
  readonly builder = new SpotBuilder();
  at: number;
  readonly #text: string;
  /** "first": a value, or the end of a collection that is still empty. */
  #expect: "value" | "first" | "next" = "value";

  constructor(text: string, offset: number) {
    this.#text = text;
    this.at = offset;
  }

  /** Reads one token; returns what is wrong with it. */
  step(): string | undefined {
    this.at = skipSpace(this.#text, this.at);
    const character = this.#text[this.at];
    if (character === undefined) return "unexpected end of JSON input";
    const closing = this.builder.inside === "mapping" ? "}" : "]";
    if (this.builder.inside !== undefined && this.#expect !== "value" && character === closing) {
      this.at++;
      this.builder.close();
      this.#expect = "next";
      return undefined;
    }
    if (this.#expect === "next") return this.#comma(character, closing);
    return this.builder.expectsKey ? this.#key() : this.#value(character);
  }

  #comma(character: string, closing: string): string | undefined {
    if (character !== ",") return `expected "," or "${closing}", found ${JSON.stringify(character)}`;
    this.at++;
    this.#expect = "value";
    return undefined;
  }

  #key(): string | undefined {
    const start = this.at;
    if (this.#text[start] !== '"') return "expected a field name in double quotes";
    const end = this.#stringEnd(start);
    const name = end < 0 ? undefined : decode(this.#text.slice(start, end));
    if (name === undefined) return "invalid string";
    this.at = skipSpace(this.#text, end);
    if (this.#text[this.at] !== ":") return 'expected ":" after a field name';
    this.at++;
    this.builder.plain(start, () => name);
    this.#expect = "value";
    return undefined;
  }

  #value(character: string): string | undefined {
    const start = this.at;
    if (character === "{" || character === "[") {
      this.at++;
      this.builder.open(character === "{" ? "mapping" : "list", start);
      this.#expect = "first";
      return undefined;
    }
    const end = this.#plainEnd(character);
    if (end < 0) return character === '"' ? "invalid string" : `expected a value, found ${JSON.stringify(character)}`;
    this.at = end;
    this.builder.plain(start, () => "");
    this.#expect = "next";
    return undefined;
  }

  #plainEnd(character: string): number {
    if (character === '"') {
      const end = this.#stringEnd(this.at);
      return end >= 0 && decode(this.#text.slice(this.at, end)) === undefined ? -1 : end;
    }
    const literal = LITERALS.find((word) => this.#text.startsWith(word, this.at));
    if (literal !== undefined) return this.at + literal.length;
    NUMBER.lastIndex = this.at;
    return NUMBER.test(this.#text) ? NUMBER.lastIndex : -1;
  }

  #stringEnd(start: number): number {
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) at++;
      else if (code <= CONTROL_MAX) return -1;
    }
    return -1;
  }
}

/** The string in a quoted token, undefined if an escape in it is wrong. */
function decode(quoted: string): string | undefined {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
