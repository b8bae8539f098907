/** A table's sets and maps → the image: constant ones as tables, what changes as a form of which elements are made. */

import { isInterval } from "../ruleset/literal.ts";
import { lookupKeyOf } from "../ruleset/lookup-key.ts";
import type { Chain, Element, NamedSet, Table } from "../ruleset/types.ts";
import type { KeptSet } from "./cache.ts";
import { changedElements, type ElementChanges } from "./changes.ts";
import { valueTypeOf } from "./data-types.ts";
import { dynamicForm, initialElements, writeDynamic } from "./dynamic-sets.ts";
import type { SetShape } from "./elements.ts";
import { type EncodedSet, refersTo } from "./encoded-set.ts";
import { typesOf } from "./expressions.ts";
import { patchHash } from "./hash-sets.ts";
import { RuleBuilder, type TableScope, type UsedSet, type WriteLater } from "./rule.ts";
import { encodeSet } from "./sets.ts";
import { Uncompilable } from "./types.ts";
import type { ValueType } from "./values.ts";
import type { Label } from "./writer.ts";

/** What there is to know around a set. */
export interface SetContext {
  readonly table: Table;
  readonly scope: TableScope;
  readonly label: Label;
  /** The chains whose rules add to it or delete from it. */
  readonly updating: readonly Chain[];
  /** What the program before has left of it. */
  readonly known: KeptSet | undefined;
  /** Of chains and objects that are gone or no longer what they were. */
  readonly changedLabels: ReadonlySet<Label>;
  /** Makes it a dynamic set of the program, with an id. */
  readonly giveId: () => number;
}

export interface CompiledSet {
  readonly used: UsedSet;
  /** Of one that is not constant: how its head is written. */
  readonly write?: WriteLater;
  /** Of a constant one: what the next program may use of it, and its elements that were not there before. */
  readonly constant?: { readonly kept: KeptSet; readonly added: readonly Element[] };
}

export function compileNamedSet(context: SetContext, set: NamedSet): CompiledSet {
  const isUpdated = context.updating.length > 0;
  const isChanging = isUpdated || set.flags.includes("dynamic") || set.flags.includes("timeout");
  if (!isChanging) return compileConstant(context, set);
  if (!set.elements.some(({ key }) => key.some(isInterval))) return compileDynamic(context, set);
  if (isUpdated) throw new Uncompilable("intervals in a set that rules change are not supported");
  context.scope.warn("its elements are intervals, which do not time out here");
  return compileConstant(context, set);
}

function compileConstant(context: SetContext, set: NamedSet): CompiledSet {
  const { scope, label, known } = context;
  const { elements } = set;
  const value = valueTypes(set);
  const declared = { key: keyTypes(context, set), ...(value === undefined ? {} : { value }) };
  const form = JSON.stringify([declared, set.object]);
  const before = known?.form === form ? known : undefined;
  const changes = changedElements(before?.elements ?? [], elements);
  const shape = { ...declared, elements };
  const patched = before === undefined ? undefined : patchedSet(before, shape, changes, context);
  const encoded = patched ?? encodeSet(shape, scope);
  const used = { ...declared, label, kind: encoded.kind };
  return {
    used,
    constant: { kept: { form, elements, encoded }, added: changes.added },
  };
}

/** The kept table with the elements that there are now; undefined: they must be encoded anew. */
function patchedSet(
  { encoded }: KeptSet,
  shape: SetShape,
  changes: ElementChanges,
  { scope, changedLabels }: SetContext,
): EncodedSet | undefined {
  if (changedLabels.size > 0 && refersTo(encoded, changedLabels)) return undefined;
  const isSame = changes.removed.length + changes.added.length === 0;
  return isSame ? encoded : patchHash(encoded, shape, changes, scope);
}

function compileDynamic(context: SetContext, set: NamedSet): CompiledSet {
  const { scope, label, updating, giveId } = context;
  const used = dynamicForm(set, updating, label, keyTypes(context, set));
  const value = used.value === undefined || typeof used.value === "string" ? [] : used.value;
  initialElements(set, used.key, value, scope);
  const id = giveId();
  return { used, write: (writer) => writeDynamic(writer, set, used, id, scope) };
}

/** What is declared as a plain integer has the form of what is looked up in it. */
function keyTypes({ scope, table }: SetContext, set: NamedSet): readonly ValueType[] {
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
