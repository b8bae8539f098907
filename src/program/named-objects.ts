/** Counters, quotas and limits that have names: their state and their form, which the rules of the table share. */

import type { NamedObject } from "../ruleset/types.ts";
import type { CompileCache, KeptTable } from "./cache.ts";
import type { UsedObject, WriteLater } from "./rule.ts";
import { isStateful, objectOf } from "./stateful.ts";

export interface CompiledObjects {
  /** By kind and name: those that rules can use. */
  readonly used: ReadonlyMap<string, UsedObject>;
  /** How they are written into the image. */
  readonly writers: readonly WriteLater[];
}

/** Objects have the same labels in every program. */
export function compileObjects(
  cache: CompileCache,
  { objectLabels }: KeptTable,
  objects: readonly NamedObject[] = [],
): CompiledObjects {
  const used = new Map<string, UsedObject>();
  const writers: WriteLater[] = [];
  for (const { object, name, statement } of objects) {
    if (statement === undefined || !isStateful(statement)) continue;
    const state = cache.labelOf(objectLabels, `${object} ${name}`);
    const form = cache.labelOf(objectLabels, `${object} ${name} form`);
    const compiled = objectOf(statement, state, form);
    used.set(`${object} ${name}`, compiled.used);
    writers.push((writer) => {
      writer.align(8);
      writer.place(state);
      writer.appendBytes(new Uint8Array(compiled.stateWords.buffer));
      writer.place(form);
      writer.appendBytes(new Uint8Array(compiled.formWords.buffer));
    });
  }
  return { used, writers };
}
