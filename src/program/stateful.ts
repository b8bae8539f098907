/** Statements that keep a state → instructions, and the words that the state and its form begin with. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { ByteUnit, Expression, Limit, ObjectReference, Quota, Statement } from "../ruleset/types.ts";
import { emitExpression, emitKeySwap } from "./expressions.ts";
import type { RuleBuilder, UsedObject } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { wordsOf } from "./values.ts";
import type { Label } from "./writer.ts";

/** What keeps a state of its own. */
export type Stateful = Extract<Statement, { readonly kind: "counter" | "quota" | "limit" | "connlimit" }>;

const UNIT_BYTES: Readonly<Record<ByteUnit, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };
export const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;
const NANOSECONDS = 1_000_000_000n;
/** NFT_LIMIT_PKT_BURST_DEFAULT */
const PACKETS_BURST = 5;

const STATEFUL: ReadonlySet<Statement["kind"]> = new Set(["counter", "quota", "limit", "connlimit"]);

/** What instruction uses a state, how, and the words that stand in memory for it. */
interface StateForm {
  readonly operation: number;
  readonly options: number;
  readonly state: readonly bigint[];
  readonly form: readonly bigint[];
}

export function isStateful(statement: Statement): statement is Stateful {
  return STATEFUL.has(statement.kind);
}

/** A statement of a rule: its state stands behind the instructions. */
export function emitStateful(rule: RuleBuilder, statement: Stateful): void {
  const { operation, options, state, form } = stateForm(statement);
  const yLabel = form.length === 0 ? undefined : rule.constant(longs(form));
  const own = rule.constant(longs(state));
  rule.emit({ operation, options, xLabel: own, ...(yLabel === undefined ? {} : { yLabel }) });
}

/** A statement of the element that was found or added before: its state stands there. */
export function emitElementState(rule: RuleBuilder, statement: Stateful, offset: number): void {
  const { operation, options, form } = stateForm(statement);
  const yLabel = form.length === 0 ? undefined : rule.constant(longs(form));
  const ofElement = options | Instructions.STATE_OF_ELEMENT;
  rule.emit({ operation, options: ofElement, x: offset, ...(yLabel === undefined ? {} : { yLabel }) });
}

/** Bytes that the state of an element's statement takes. */
export function stateBytes(statement: Stateful): number {
  return stateForm(statement).state.length * 8;
}

/** A named object, wherever it stands. */
export function emitReference(rule: RuleBuilder, { object, name }: ObjectReference): void {
  if (object === "ct helper") {
    rule.scope.warn(`helpers are not run: connections of "${String(name)}" have no related ones`);
    return;
  }
  if (typeof name !== "string") {
    if (object !== "counter") throw new Uncompilable(`a map to objects of the kind "${object}" is not supported`);
    const register = emitObject(rule, name);
    rule.emit({ operation: Instructions.OP_COUNTER, register, options: Instructions.STATE_AT_REGISTER });
    return;
  }
  const { state, form, operation, options } = rule.scope.object(object, name);
  rule.emit({ operation, options, xLabel: state, ...(form === undefined ? {} : { yLabel: form }) });
}

/** Where the object is that a map finds, in a register. */
function emitObject(rule: RuleBuilder, expression: Expression): number {
  if (expression.kind !== "map") throw new Uncompilable("a map to objects is wanted here");
  const key = emitExpression(rule, expression.key);
  const map = rule.set(expression.map, { key: key.types, value: "object" });
  if (map.value !== "object") throw new Uncompilable("a map to objects is wanted here");
  const register = rule.allocate(1);
  emitKeySwap(rule, key, map);
  const length = wordsOf(key.types) * 4;
  rule.emit({ operation: Instructions.OP_MAP, register: key.register, length, xLabel: map.label, y: register });
  return register;
}

/** What rules need to know of a named object that stands at a label, and its words: state first, form behind it. */
export function objectOf(
  statement: Statement | undefined,
  state: Label,
  form: Label,
): { readonly used: UsedObject; readonly stateWords: Uint32Array; readonly formWords: Uint32Array } {
  if (statement === undefined || !isStateful(statement))
    throw new Uncompilable("objects of this kind are not supported");
  const { operation, options, state: stateLongs, form: formLongs } = stateForm(statement);
  const hasForm = formLongs.length > 0;
  return {
    used: { operation, options, state, ...(hasForm ? { form } : {}) },
    stateWords: longs(stateLongs),
    formWords: longs(formLongs),
  };
}

function stateForm(statement: Stateful): StateForm {
  switch (statement.kind) {
    case "counter": {
      const { packets = 0, bytes = 0 } = statement;
      return { operation: Instructions.OP_COUNTER, options: 0, state: [BigInt(packets), BigInt(bytes)], form: [] };
    }
    case "quota":
      return quotaForm(statement);
    case "limit":
      return limitForm(statement);
    case "connlimit": {
      const over = statement.over ? Instructions.STATE_OVER : 0;
      const options = over | (statement.ofAddress ? Instructions.CONNECTIONS_OF_ADDRESS : 0);
      return { operation: Instructions.OP_CONNECTIONS, options, state: [0n, 0n], form: [BigInt(statement.count)] };
    }
  }
}

function quotaForm({ value, unit, used = 0, usedUnit = "bytes", over }: Quota): StateForm {
  return {
    operation: Instructions.OP_QUOTA,
    options: over ? Instructions.STATE_OVER : 0,
    state: [BigInt(used * UNIT_BYTES[usedUnit])],
    form: [BigInt(value * UNIT_BYTES[unit])],
  };
}

/** nft_limit_init(): what can be saved up is the time of the burst, of bytes that of the rate besides. */
function limitForm({ rate, unit, per, burst = 0, burstUnit, over }: Limit): StateForm {
  if (rate < 1) throw new Uncompilable("a limit needs a rate of at least 1");
  const period = BigInt(UNIT_SECONDS[per]) * NANOSECONDS;
  const units = BigInt(rate * (unit === undefined ? 1 : UNIT_BYTES[unit]));
  const extra = BigInt(burst * UNIT_BYTES[burstUnit ?? "bytes"]);
  const packetsBurst = burst === 0 ? BigInt(PACKETS_BURST) : BigInt(burst);
  const full = unit === undefined ? (period / units) * packetsBurst : (period * (units + extra)) / units;
  return {
    operation: Instructions.OP_LIMIT,
    options: (over ? Instructions.STATE_OVER : 0) | (unit === undefined ? 0 : Instructions.LIMIT_BYTES),
    state: [0n, 0n],
    form: [full, period, units],
  };
}

function longs(numbers: readonly bigint[]): Uint32Array {
  return new Uint32Array(BigUint64Array.from(numbers).buffer);
}
