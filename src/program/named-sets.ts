/** A table's sets and maps → the image: constant ones as tables, what changes as a form of which elements are made. */

import { isInterval } from "../ruleset/literal.ts";
import { lookupKeyOf } from "../ruleset/lookup-key.ts";
import type { NamedSet, Table } from "../ruleset/types.ts";
import type { KeptTable } from "./cache.ts";
import type { Compilation } from "./chains.ts";
import { declaredForm, recordUses, type TableChanges } from "./changes.ts";
import { valueTypeOf } from "./data-types.ts";
import { dynamicForm, initialElements, writeDynamic } from "./dynamic-sets.ts";
import { typesOf } from "./expressions.ts";
import { RuleBuilder, type TableScope, type UsedSet } from "./rule.ts";
import { encodeSet, type SetShape, writeSet } from "./sets.ts";
import { Uncompilable } from "./types.ts";
import type { ValueType } from "./values.ts";
import type { Label } from "./writer.ts";

export interface SetContext {
  readonly compilation: Compilation;
  readonly table: Table;
  readonly scope: TableScope;
  readonly changes: TableChanges;
  readonly kept: KeptTable;
}

/** `isUpdated`: rules add to it or delete from it. */
export function compileNamedSet(context: SetContext, set: NamedSet, isUpdated: boolean): UsedSet {
  const { compilation, kept } = context;
  const label = compilation.cache.labelOf(kept.setLabels, set.name);
  const isChanging = isUpdated || set.flags.includes("dynamic") || set.flags.includes("timeout");
  if (!isChanging) return compileConstant(context, set, label);
  if (!set.elements.some(({ key }) => key.some(isInterval))) return compileDynamic(context, set, label);
  if (isUpdated) throw new Uncompilable("intervals in a set that rules change are not supported");
  context.scope.warn("its elements are intervals, which do not time out here");
  return compileConstant(context, set, label);
}

function compileConstant({ compilation, table, scope, changes }: SetContext, set: NamedSet, label: Label): UsedSet {
  const { behind } = compilation;
  const known = changes.knownSet(set);
  if (known !== undefined) {
    behind.push((writer) => writeSet(writer, label, known.encoded));
    changes.keepSet(set, known);
    return known.used;
  }
  const key = keyTypes(scope, table, set);
  const value = valueTypes(set);
  const { uses, scope: recording } = recordUses(scope);
  const encoded = encodeSet({ key, elements: set.elements, ...(value === undefined ? {} : { value }) }, recording);
  const used = { label, key, kind: encoded.kind, ...(value === undefined ? {} : { value }) };
  behind.push((writer) => writeSet(writer, label, encoded));
  changes.keepSet(set, { form: declaredForm(set), elements: set.elements, used, encoded, uses });
  return used;
}

function compileDynamic({ compilation, table, scope }: SetContext, set: NamedSet, label: Label): UsedSet {
  const { setId, dynamicSets, behind } = compilation;
  const used = dynamicForm(table, set, label, keyTypes(scope, table, set));
  const value = used.value === undefined || typeof used.value === "string" ? [] : used.value;
  initialElements(set, used.key, value, scope);
  const id = setId(`${table.family} ${table.name} ${set.name}`);
  dynamicSets.push({ id, family: table.family, table: table.name, name: set.name, label });
  behind.push((writer) => writeDynamic(writer, set, used, id, scope));
  return used;
}

/** What is declared as a plain integer has the form of what is looked up in it. */
function keyTypes(scope: TableScope, table: Table, set: NamedSet): readonly ValueType[] {
  const expression = set.keyOf ?? (set.key.includes("integer") ? lookupKeyOf(set.name, table) : undefined);
  return expression === undefined ? set.key.map(valueTypeOf) : typesOf(new RuleBuilder(scope), expression);
}

/** Values that are ranges take twice the room: the lowest ones, then the highest. */
function valueTypes({ value, object, elements }: NamedSet): SetShape["value"] {
  if (object !== undefined) {
    if (object !== "counter") throw new Uncompilable(`maps to objects of the kind "${object}" are not supported`);
    return "object";
  }
  if (value === undefined || value === "verdict") return value;
  const types = value.map(valueTypeOf);
  const hasRanges = elements.some((element) => Array.isArray(element.value) && element.value.some(isInterval));
  return hasRanges ? [...types, ...types] : types;
}
