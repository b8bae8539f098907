/** Objects as kubectl prints them: a table, names, or a List. */

import { printYamlDocument } from "../../manifest/yaml-print.ts";
import { table } from "../table.ts";
import type { ApiObject, ShownKind } from "./kinds.ts";

/** The objects of one kind that were asked for. */
export interface Shown {
  readonly kind: ShownKind;
  readonly objects: readonly ApiObject[];
}

/** Several kinds are told apart by an empty line and by their resource's name. */
export function printTables(shown: readonly Shown[], wide: boolean, withNamespace: boolean): string {
  const filled = shown.filter(({ objects }) => objects.length > 0);
  return filled.map((part) => printTable(part, wide, withNamespace, filled.length > 1)).join("\n");
}

export function printNames(shown: readonly Shown[]): string {
  return shown
    .flatMap(({ kind, objects }) => objects.map(({ metadata }) => `${kind.resource}/${metadata?.name}\n`))
    .join("");
}

/** One object that was named stands for itself. */
export function printYaml(shown: readonly Shown[], single: boolean): string {
  return printYamlDocument(listOf(shown, single));
}

export function printJson(shown: readonly Shown[], single: boolean): string {
  return `${JSON.stringify(listOf(shown, single), null, 4)}\n`;
}

function printTable({ kind, objects }: Shown, wide: boolean, withNamespace: boolean, withResource: boolean): string {
  const { headers, wide: more, row } = kind.columns;
  const shownHeaders = wide ? [...headers, ...more] : headers;
  const isNamespaced = withNamespace && kind.namespaced;
  const rows = objects.map((object) => {
    const [name = "", ...cells] = row(object, wide).slice(0, shownHeaders.length);
    const first = withResource ? `${kind.resource}/${name}` : name;
    return isNamespaced ? [object.metadata?.namespace ?? "", first, ...cells] : [first, ...cells];
  });
  return table(isNamespaced ? ["NAMESPACE", ...shownHeaders] : shownHeaders, rows, "left");
}

function listOf(shown: readonly Shown[], single: boolean): object {
  const items = shown.flatMap(({ objects }) => objects);
  const [only] = items;
  if (single && items.length === 1 && only !== undefined) return only;
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}
