/** nft's commands for single objects of a table: what `nft -f` runs one after the other, as one transaction. */

import { commentText, elementText, ruleText } from "./nft-text-rule.ts";
import type { Chain, Element, NamedSet, Rule, Table } from "./types.ts";

/** The commands for one table. */
export interface TableCommands {
  readonly addTable: () => string;
  readonly addSet: (set: NamedSet) => string;
  readonly deleteSet: (set: NamedSet) => string;
  readonly addElement: (set: NamedSet, element: Element) => string;
  readonly deleteElement: (set: NamedSet, element: Element) => string;
  readonly addChain: (chain: Chain) => string;
  readonly flushChain: (chain: Chain) => string;
  readonly deleteChain: (chain: Chain) => string;
  readonly addRule: (chain: Chain, rule: Rule) => string;
}

export function tableCommands({ family, name: table, comment }: Table): TableCommands {
  const place = `${family} ${table}`;
  return {
    addTable: () => `add table ${place}${options(comment === undefined ? [] : [commentText(comment)])}`,
    addSet: (set) => `add ${kind(set)} ${place} ${set.name}${options(setOptions(set))}`,
    deleteSet: (set) => `delete ${kind(set)} ${place} ${set.name}`,
    addElement: (set, element) => `add element ${place} ${set.name} { ${text(set, element)} }`,
    deleteElement: (set, { key }) => `delete element ${place} ${set.name} { ${text(set, { key })} }`,
    addChain: (chain) => `add chain ${place} ${chain.name}${options(chainOptions(chain))}`,
    flushChain: ({ name }) => `flush chain ${place} ${name}`,
    deleteChain: ({ name }) => `delete chain ${place} ${name}`,
    addRule: ({ name }, rule) => `add rule ${place} ${name} ${ruleText(rule)}`,
  };
}

function kind({ value }: NamedSet): "set" | "map" {
  return value === undefined ? "set" : "map";
}

function setOptions({ key, value, size, flags, timeoutSeconds, comment }: NamedSet): string[] {
  const values = value === undefined ? [] : [":", value === "verdict" ? value : value.join(" . ")];
  return [
    ["type", key.join(" . "), ...values].join(" "),
    ...(size === undefined ? [] : [`size ${size}`]),
    ...(flags.length === 0 ? [] : [`flags ${flags.join(",")}`]),
    ...(timeoutSeconds === undefined ? [] : [`timeout ${timeoutSeconds}s`]),
    ...(comment === undefined ? [] : [commentText(comment)]),
  ];
}

function chainOptions({ base, comment }: Chain): string[] {
  const policy = base?.policy === "drop" ? ["policy drop"] : [];
  return [
    ...(base === undefined ? [] : [`type ${base.type} hook ${base.hook} priority ${base.priority}`, ...policy]),
    ...(comment === undefined ? [] : [commentText(comment)]),
  ];
}

function options(parts: readonly string[]): string {
  return parts.length === 0 ? "" : ` { ${parts.map((part) => `${part} ; `).join("")}}`;
}

function text({ key, value }: NamedSet, element: Element): string {
  return elementText(element, key, value === undefined || value === "verdict" ? [] : value);
}
