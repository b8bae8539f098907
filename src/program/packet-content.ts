/** What iptables asks of the whole packet, wherever it stands, and of the calendar → instructions. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { Statement } from "../ruleset/types.ts";
import type { WordOperator, WordTest } from "../ruleset/xt.ts";
import type { RuleBuilder } from "./rule.ts";

type Kind<K extends Statement["kind"]> = Statement & { readonly kind: K };

const OPERATORS: Readonly<Record<WordOperator, number>> = {
  "&": Instructions.WORDS_AND,
  "<<": Instructions.WORDS_LEFT,
  ">>": Instructions.WORDS_RIGHT,
  "@": Instructions.WORDS_AT,
};

export function emitSearch(rule: RuleBuilder, { bytes, from, to, ignoresCase, invert }: Kind<"search">): void {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  rule.emit({
    operation: Instructions.OP_SEARCH,
    length: bytes.length,
    options: (invert ? Instructions.SEARCH_INVERT : 0) | (ignoresCase ? Instructions.SEARCH_IGNORE_CASE : 0),
    x: (from | (to << 16)) >>> 0,
    yLabel: rule.constant(new Uint32Array(padded.buffer)),
  });
}

export function emitWordTests(rule: RuleBuilder, { tests, invert }: Kind<"u32">): void {
  const table = rule.constant(Uint32Array.from([tests.length, ...tests.flatMap(testWords)]));
  rule.emit({ operation: Instructions.OP_WORDS, options: Number(invert), xLabel: table });
}

function testWords({ at, steps, ranges }: WordTest): readonly number[] {
  const loads = [Instructions.WORDS_LOAD, at];
  return [
    steps.length + 1,
    ranges.length,
    ...loads,
    ...steps.flatMap(({ operator, number }) => [OPERATORS[operator], number]),
    ...ranges.flat(),
  ];
}

export function emitMonthDays(rule: RuleBuilder, { days, secondsAgo }: Kind<"month days">): void {
  const bits = days.reduce((sum, day) => sum | (1 << day), 0) >>> 0;
  rule.emit({ operation: Instructions.OP_MONTH_DAY, x: bits, y: secondsAgo });
}
