/**
 * Draws that nothing shows: of a packet that never leaves, the capture does not tell which of a Service's endpoints the
 * kernel drew, so that engine and kernel count it in rules of the same Service, but not in the same ones.
 */

import type { Rule, Ruleset, Statement, Table, Verdict } from "../../../src/ruleset/types.ts";

/** What a rule has counted. */
export interface Counted {
  readonly packets: number;
  readonly bytes: number;
}

type Counters = ReadonlyMap<string, Counted>;

/** Rules of which a packet meets one instead of another, by the names of `ruleName()`. */
interface Alternatives {
  readonly rules: readonly string[];
  /** They apply to some packets only (those of a hairpin): then also rules behind them count, or do not. */
  readonly behind?: readonly string[];
}

export function ruleName(table: Pick<Table, "family" | "name">, chain: string, index: number): string {
  return `${table.family} ${table.name} ${chain} ${index}`;
}

/** Where a ruleset draws: the rules among which it does, and the rules of the chains that those lead to, by their positions. */
export function alternativesOf({ tables }: Ruleset): Alternatives[] {
  return tables.flatMap((table) =>
    table.chains.flatMap(({ name, rules }) => {
      const first = rules.findIndex(isDrawing);
      if (first < 0) return [];
      const drawn = { rules: rules.slice(first).map((_, at) => ruleName(table, name, first + at)) };
      return [drawn, ...alternativesIn(table, rules.slice(first).flatMap(jumpsOf))];
    }),
  );
}

/** The rules at each position of the chains, of which a packet meets one. */
function alternativesIn(table: Table, chains: readonly string[]): Alternatives[] {
  const first = rulesOf(table, chains[0]);
  return first.map((rule, at) => {
    const rules = chains.map((chain) => ruleName(table, chain, at));
    if (!rule.statements.some(({ kind }) => kind === "match")) return { rules };
    const behind = jumpsOf(rule).flatMap((chain) =>
      rulesOf(table, chain).map((_, index) => ruleName(table, chain, index)),
    );
    return { rules, behind };
  });
}

/**
 * Of rules whose counters differ, those that hidden draws explain: no more packets have changed places than there were
 * draws that nothing showed, and all alternatives together have counted the same in both, or what they have not, the
 * rules behind them have not either.
 */
export function explainedByDraws(
  alternatives: readonly Alternatives[],
  kernel: Counters,
  engine: Counters,
  hiddenDraws: number,
): Set<string> {
  const explained = new Set<string>();
  const owed = new Map<string, Counted>();
  for (const { rules, behind } of alternatives) {
    const moved = rules.map((rule) => minus(kernel.get(rule), engine.get(rule)));
    const balance = moved.reduce(plus, NOTHING);
    const most = moved.reduce((sum, { packets }) => sum + Math.abs(packets), 0);
    if (most > 2 * hiddenDraws || (behind === undefined && !isNothing(balance))) continue;
    for (const rule of rules) explained.add(rule);
    for (const rule of behind ?? []) owed.set(rule, plus(owed.get(rule) ?? NOTHING, balance));
  }
  for (const [rule, balance] of owed) {
    if (isNothing(minus(minus(kernel.get(rule), engine.get(rule)), balance))) explained.add(rule);
  }
  return explained;
}

const NOTHING: Counted = { packets: 0, bytes: 0 };

function plus(a: Counted, b: Counted): Counted {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}

function minus(a = NOTHING, b = NOTHING): Counted {
  return { packets: a.packets - b.packets, bytes: a.bytes - b.bytes };
}

function isNothing({ packets, bytes }: Counted): boolean {
  return packets === 0 && bytes === 0;
}

function rulesOf({ chains }: Table, name: string | undefined): readonly Rule[] {
  return chains.find((chain) => chain.name === name)?.rules ?? [];
}

function isDrawing({ statements }: Rule): boolean {
  return statements.some(
    (statement) =>
      (statement.kind === "statistic" && "probability" in statement) ||
      (statement.kind === "vmap" && statement.key.kind === "numgen" && statement.key.mode === "random"),
  );
}

function jumpsOf({ statements }: Rule): string[] {
  return statements.flatMap(verdictsOf).flatMap((verdict) => ("chain" in verdict ? [verdict.chain] : []));
}

function verdictsOf(statement: Statement): Verdict[] {
  if (statement.kind === "verdict") return [statement.verdict];
  if (statement.kind !== "vmap" || statement.map.kind !== "anonymous") return [];
  return statement.map.elements.flatMap(({ value }) => (value !== undefined && "kind" in value ? [value] : []));
}
