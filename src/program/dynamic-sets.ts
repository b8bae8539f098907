/** Sets and maps whose elements live in the engine: rules change them, or they time out. */

import * as Layout from "../../assembly/layout/program.ts";
import type { Chain, NamedSet, Statement } from "../ruleset/types.ts";
import { valueTypeOf } from "./data-types.ts";
import { encodeAll, type SetSurroundings } from "./elements.ts";
import type { ElementState, UsedSet } from "./rule.ts";
import { isStateful, type Stateful, stateBytes } from "./stateful.ts";
import { Uncompilable } from "./types.ts";
import { type ValueType, wordsOf } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

const MILLISECONDS = 1000;
/** An element's key, its value and what it keeps for itself stand behind its header. */
const ELEMENT_KEY = 16;
const ELEMENT_BYTES = ELEMENT_KEY + Layout.DYNAMIC_KEY_BYTES_MAX;
const STATE_ALIGNMENT = 8;
/** 2^31 − 1: what the engine's clock can tell apart. */
const TIMEOUT_MAX = 0x7fffffff;

/** What the rules of the table need to know of the set. `updating`: the chains whose rules change it. */
export function dynamicForm(
  set: NamedSet,
  updating: readonly Chain[],
  label: Label,
  key: readonly ValueType[],
): UsedSet {
  const value = set.value === "verdict" ? undefined : set.value?.map(valueTypeOf);
  if (set.value === "verdict") throw new Uncompilable("maps of verdicts that rules change are not supported");
  if (set.object !== undefined) throw new Uncompilable("maps of objects that rules change are not supported");
  const bytes = (wordsOf(key) + wordsOf(value ?? [])) * 4;
  const states = elementStates(elementStatements(updating, set), ELEMENT_KEY + bytes);
  if (set.flags.includes("timeout") && states.some(({ statement }) => statement.kind === "connlimit")) {
    throw new Uncompilable('"ct count" of elements that time out is not supported');
  }
  const end = states.reduce((last, { statement, offset }) => Math.max(last, offset + stateBytes(statement)), 0);
  if (Math.max(end, ELEMENT_KEY + bytes) > ELEMENT_BYTES)
    throw new Uncompilable("the key is too long for a set that rules change");
  return { label, key, kind: Layout.SET_DYNAMIC, ...(value === undefined ? {} : { value }), states };
}

/** Appends the set's header, and the elements with which it begins. */
export function writeDynamic(
  writer: ImageWriter,
  set: NamedSet,
  used: UsedSet,
  id: number,
  around: SetSurroundings,
): void {
  const value = used.value === undefined || typeof used.value === "string" ? [] : used.value;
  const keyWords = wordsOf(used.key);
  const words = 1 + keyWords + wordsOf(value);
  writer.align(8);
  writer.place(used.label);
  const at = writer.reserve(Layout.SET_SIZE);
  writer.set8(at + Layout.SET_KIND, Layout.SET_DYNAMIC);
  writer.set8(at + Layout.SET_KEY_BYTES, keyWords * 4);
  writer.set8(at + Layout.SET_VALUE_BYTES, wordsOf(value) * 4);
  writer.set32(at + Layout.SET_MASK, set.elements.length);
  writer.setOffset(at + Layout.SET_ELEMENTS, writer.length);
  writer.set32(at + Layout.SET_STRIDE, words * 4);
  writer.set32(at + Layout.SET_ID, id);
  writer.set32(at + Layout.SET_TIMEOUT, milliseconds(set.timeoutSeconds ?? 0));
  writer.set32(at + Layout.SET_LIMIT, set.size ?? 0);
  writer.appendBytes(new Uint8Array(initialElements(set, used.key, value, around).buffer));
}

/** Throws where an element cannot be one of such a set. */
export function initialElements(
  { elements }: NamedSet,
  key: readonly ValueType[],
  value: readonly ValueType[],
  { interfaces }: SetSurroundings,
): Uint32Array {
  const keyWords = wordsOf(key);
  const words = 1 + keyWords + wordsOf(value);
  const table = new Uint32Array(elements.length * words);
  elements.forEach((element, index) => {
    const at = index * words;
    table[at] = milliseconds(element.expiresSeconds ?? element.timeoutSeconds ?? 0);
    encodeAll(element.key, key, interfaces, table, at + 1);
    if (Array.isArray(element.value)) encodeAll(element.value, value, interfaces, table, at + 1 + keyWords);
  });
  return table;
}

function milliseconds(seconds: number): number {
  return Math.min(Math.round(seconds * MILLISECONDS), TIMEOUT_MAX);
}

/** The statements that rules give to new elements, else those that the set gives them. */
function elementStatements(chains: readonly Chain[], { name, statements = [] }: NamedSet): readonly Stateful[] {
  const given = chains.flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      rule.statements.flatMap((statement) =>
        statement.kind === "set" && statement.set === name && statement.statements ? [statement.statements] : [],
      ),
    ),
  );
  const different = new Set(given.map((one) => JSON.stringify(one)));
  if (different.size > 1) throw new Uncompilable("rules give its elements different statements");
  return (given[0] ?? statements).map(stateful);
}

function stateful(statement: Statement): Stateful {
  if (isStateful(statement)) return statement;
  throw new Uncompilable(`"${statement.kind}" of elements is not supported`);
}

function elementStates(statements: readonly Stateful[], start: number): ElementState[] {
  let offset = Math.ceil(start / STATE_ALIGNMENT) * STATE_ALIGNMENT;
  return statements.map((statement) => {
    const state = { statement, offset };
    offset += stateBytes(statement);
    return state;
  });
}
