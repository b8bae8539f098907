/** Counters, quotas and limits that have names: their state and their form, which the rules of the table share. */

import type { NamedObject } from "../ruleset/types.ts";
import type { CompileCache, KeptTable } from "./cache.ts";
import type { UsedObject, WriteLater } from "./rule.ts";
import { isStateful, objectOf } from "./stateful.ts";
import type { Label } from "./writer.ts";

interface ObjectLabels {
  readonly state: Label;
  readonly form: Label;
}

/** The labels of an object, the same in every program. */
export function objectLabels(cache: CompileCache, { objectLabels: labels }: KeptTable, name: string): ObjectLabels {
  return { state: cache.labelOf(labels, name), form: cache.labelOf(labels, `${name} form`) };
}

/** Puts the object behind the instructions. Undefined: it is of a kind that no rule can use, which rules are told that try. */
export function placeObject(
  { statement }: NamedObject,
  labels: ObjectLabels,
  later: (write: WriteLater) => void,
): UsedObject | undefined {
  if (statement === undefined || !isStateful(statement)) return undefined;
  const { used, stateWords, formWords } = objectOf(statement, labels.state, labels.form);
  later((writer) => {
    writer.align(8);
    writer.place(labels.state);
    writer.appendBytes(new Uint8Array(stateWords.buffer));
    writer.place(labels.form);
    writer.appendBytes(new Uint8Array(formWords.buffer));
  });
  return used;
}
