/** Matches on bytes wherever they stand in the packet: string, u32. */

import { type Extension, numberOf, type Option, type Options, oneOf } from "./iptables-options.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { Statement } from "./types.ts";
import type { WordOperator, WordTest } from "./xt.ts";

/** XT_STRING_MAX_PATTERN_SIZE */
const PATTERN_MAX = 128;
const OFFSET_MAX = 0xffff;
const HEX_DIGITS = 2;
/** XT_U32_MAXSIZE less one: steps, ranges and tests that fit into struct xt_u32. */
const U32_MAX = 10;

export const CONTENT_MATCHES: Readonly<Record<string, Extension>> = {
  string: {
    options: { string: 1, "hex-string": 1, algo: 1, from: 1, to: 1, icase: 0 },
    lower: searched,
  },
  u32: {
    options: { u32: 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("u32");
      return [{ kind: "u32", tests: testsOf(values[0]!), invert: isNegated }];
    },
  },
};

/** Both algorithms find the same. */
function searched(options: Options): readonly Statement[] {
  oneOf(options.need("algo").values[0]!, { bm: true, kmp: true }, "algorithm of string");
  const option = options.get("hex-string") ?? options.need("string");
  const bytes = patternOf(option);
  const [word] = option.values;
  if (bytes.length === 0 || bytes.length > PATTERN_MAX) {
    throw new LineError(word!.column, `"${word!.text}" is no string of 1 to ${PATTERN_MAX} bytes`);
  }
  const from = options.number("from", OFFSET_MAX, 0);
  const to = options.number("to", OFFSET_MAX, OFFSET_MAX);
  return [{ kind: "search", bytes, from, to, ignoresCase: options.has("icase"), invert: option.isNegated }];
}

function patternOf({ name, values }: Option): readonly number[] {
  const [word] = values;
  return name === "string" ? [...new TextEncoder().encode(word!.text)] : hexPattern(word!);
}

/** Text, in which bars enclose pairs of hexadecimal digits; a backslash keeps the character behind it. */
function hexPattern(word: Word): readonly number[] {
  const bytes: number[] = [];
  let isHex = false;
  for (let at = 0; at < word.text.length; ) {
    const character = word.text[at]!;
    if (character === "|") isHex = !isHex;
    if (character === "|" || (isHex && character === " ")) {
      at++;
    } else if (isHex) {
      bytes.push(hexByte({ ...word, text: word.text.slice(at, at + HEX_DIGITS) }));
      at += HEX_DIGITS;
    } else {
      const isEscape = character === "\\" && at + 1 < word.text.length;
      const kept = isEscape ? word.text[at + 1]! : character;
      bytes.push(...new TextEncoder().encode(kept));
      at += isEscape ? 2 : 1;
    }
  }
  return bytes;
}

function hexByte(word: Word): number {
  if (/^[0-9a-f]{2}$/i.test(word.text)) return Number.parseInt(word.text, 16);
  throw new LineError(word.column, `"${word.text}" is no byte of two hexadecimal digits`);
}

/** `LOCATION = VALUES && …`: u32_parse() of libxt_u32. */
function testsOf(word: Word): readonly WordTest[] {
  const tests = word.text.split("&&").map((text) => testOf({ ...word, text: text.replaceAll(/\s/g, "") }));
  if (tests.length <= U32_MAX) return tests;
  throw new LineError(word.column, `more than ${U32_MAX} tests`);
}

const LOCATION_PART = /(&|<<|>>|@)([^&<>@]+)/g;

function testOf(word: Word): WordTest {
  const [, first, rest = "", values] = /^([^&<>@=]+)((?:(?:&|<<|>>|@)[^&<>@=]+)*)=([^=]+)$/.exec(word.text) ?? [];
  if (first === undefined || values === undefined) {
    throw new LineError(word.column, `"${word.text}" is no test of a word, such as 6&0xff=17`);
  }
  const number = (text: string) => numberOf({ ...word, text });
  const steps = [...rest.matchAll(LOCATION_PART)].map(([, operator, operand]) => ({
    operator: operator as WordOperator,
    number: number(operand!),
  }));
  const ranges = values.split(",").map((value): readonly [number, number] => {
    const [low = "", high = low, ...others] = value.split(":");
    if (others.length > 0) throw new LineError(word.column, `"${value}" is no range`);
    return [number(low), number(high)];
  });
  if (steps.length >= U32_MAX || ranges.length > U32_MAX)
    throw new LineError(word.column, `"${word.text}" is too long`);
  return { at: number(first), steps, ranges };
}
