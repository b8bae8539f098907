/**
 * A base chain's records → the rules that were looked at, in the order in which they were, as `nft monitor trace` tells
 * them (nf_tables_trace.c): also the returns at the ends of chains, and the policy.
 */

import * as Layout from "../../assembly/layout/instructions.ts";
import * as Trace from "../../assembly/layout/trace.ts";
import type { RulePlace } from "../program/types.ts";
import type { BaseChain, Statement } from "../ruleset/types.ts";
import type { TraceContext } from "./context.ts";
import type { Viewed } from "./instruction.ts";
import type { TraceRecord } from "./records.ts";
import { ruleText } from "./rule-text.ts";
import { ruleSteps } from "./steps.ts";
import type { Place, RuleEvent, TraceEvent } from "./types.ts";

/** What an instruction says without a verdict (rules/operations.ts). */
const NO_MATCH = 0;
const LOST = 2;

const VERDICTS: Readonly<Record<number, string>> = {
  [LOST]: "drop",
  [Layout.OP_ACCEPT]: "accept",
  [Layout.OP_DROP]: "drop",
  [Layout.OP_REJECT]: "reject",
  [Layout.OP_RETURN]: "return",
  [Layout.OP_QUEUE]: "queue",
  [Layout.OP_JUMP]: "jump",
  [Layout.OP_GOTO]: "goto",
};

/** A chain on the way: where it is, and the rule that comes next there. */
interface Frame {
  readonly place: Place;
  next: number;
}

/** `records`: from TRACE_CHAIN to TRACE_CHAIN_END. */
export function chainEvents(context: TraceContext, records: readonly TraceRecord[], viewed: Viewed): TraceEvent[] {
  const [begin] = records;
  const place = begin === undefined ? undefined : context.places.chainAt(begin.at);
  if (place === undefined) return [];
  const base = context.chain(place)?.base;
  const events: TraceEvent[] = base === undefined ? [] : [chainEvent(place, base)];
  const walker = new ChainWalker(context, viewed, place, base?.policy ?? "accept");
  const instructions = records.filter(({ kind }) => kind === Trace.TRACE_INSTRUCTION);
  for (const group of byRule(context, instructions)) events.push(...walker.pass(group));
  return events;
}

function chainEvent(place: Place, { type, priority, policy }: BaseChain): TraceEvent {
  return { kind: "chain", ...place, type, priority, policy };
}

/** The instructions of one rule, or a chain's end; and where the way went on. */
interface Group {
  readonly rule: RulePlace | undefined;
  readonly records: TraceRecord[];
  nextAt?: number;
}

function byRule({ places }: TraceContext, records: readonly TraceRecord[]): readonly Group[] {
  const groups: Group[] = [];
  for (const record of records) {
    const rule = places.ruleAt(record.at);
    const last = groups.at(-1);
    const previous = last?.records.at(-1);
    const goesOn = rule !== undefined && last?.rule === rule && previous !== undefined && record.at > previous.at;
    if (goesOn) last.records.push(record);
    else {
      if (last !== undefined) last.nextAt = record.at;
      groups.push({ rule, records: [record] });
    }
  }
  return groups;
}

/** A statement that no instruction is needed for. */
function isIdle(statement: Statement): boolean {
  return statement.kind === "verdict" && statement.verdict.kind === "continue";
}

class ChainWalker {
  readonly #context: TraceContext;
  readonly #viewed: Viewed;
  readonly #policy: string;
  readonly #frames: Frame[];

  constructor(context: TraceContext, viewed: Viewed, place: Place, policy: string) {
    this.#context = context;
    this.#viewed = viewed;
    this.#policy = policy;
    this.#frames = [{ place, next: 0 }];
  }

  pass({ rule, records, nextAt }: Group): TraceEvent[] {
    const frame = this.#frames.at(-1);
    const last = records.at(-1);
    if (frame === undefined || last === undefined) return [];
    if (rule === undefined) return [...this.#empty(frame, this.#length(frame)), this.#end()];
    const events: TraceEvent[] = this.#empty(frame, rule.index);
    const { index, origin } = rule;
    const matched = last.outcome !== NO_MATCH;
    const verdict = matched ? this.#verdict(last.outcome, nextAt) : undefined;
    events.push({
      kind: "rule",
      ...frame.place,
      index,
      text: this.#text(frame.place, index),
      ...(origin === undefined ? {} : { origin: origin.object }),
      matched,
      steps: ruleSteps(this.#context, frame.place, this.#rule(frame.place, index), records, this.#viewed),
      ...(verdict === undefined ? {} : { verdict }),
    });
    frame.next = index + 1;
    if (matched) events.push(...this.#follow(last.outcome, nextAt));
    return events;
  }

  /** Rules without instructions, which match everything and do nothing. What could not be compiled has none, either. */
  #empty(frame: Frame, before: number): TraceEvent[] {
    const events: RuleEvent[] = [];
    for (; frame.next < before; frame.next++) {
      const index = frame.next;
      if (this.#rule(frame.place, index)?.statements.some((statement) => !isIdle(statement)) !== false) continue;
      const text = this.#text(frame.place, index);
      events.push({ kind: "rule", ...frame.place, index, text, matched: true, steps: [], verdict: "continue" });
    }
    return events;
  }

  #verdict(outcome: number, nextAt: number | undefined): string {
    const word = VERDICTS[outcome] ?? "continue";
    if (outcome !== Layout.OP_JUMP && outcome !== Layout.OP_GOTO) return word;
    const target = nextAt === undefined ? undefined : this.#context.places.chainAt(nextAt);
    return target === undefined ? word : `${word} ${target.chain}`;
  }

  /** Enters the chain that the verdict leads to, or leaves the one that it ends. */
  #follow(outcome: number, nextAt: number | undefined): TraceEvent[] {
    const target = nextAt === undefined ? undefined : this.#context.places.chainAt(nextAt);
    if (outcome === Layout.OP_GOTO) this.#frames.pop();
    if ((outcome === Layout.OP_JUMP || outcome === Layout.OP_GOTO) && target !== undefined) {
      this.#frames.push({ place: target, next: 0 });
    }
    if (outcome !== Layout.OP_RETURN) return [];
    if (this.#frames.length === 1) return [this.#end()];
    this.#frames.pop();
    return [];
  }

  /** The end of the chain at hand. */
  #end(): TraceEvent {
    const frame = this.#frames.pop()!;
    if (this.#frames.length > 0) return { kind: "return", ...frame.place, verdict: "continue" };
    return { kind: "policy", ...frame.place, verdict: this.#policy };
  }

  #length({ place }: Frame): number {
    return this.#context.chain(place)?.rules.length ?? 0;
  }

  #rule(place: Place, index: number) {
    return this.#context.chain(place)?.rules[index];
  }

  #text(place: Place, index: number): string {
    const rule = this.#rule(place, index);
    const table = this.#context.table(place.family, place.table);
    return rule === undefined || table === undefined ? "" : ruleText(table, place.chain, rule);
  }
}
