/** A ruleset as `nft list ruleset` (1.0.6) prints it: text for people, and for `nft -f` onto an empty ruleset. */

import { commentText, durationText, elementText, ruleText } from "./nft-text-rule.ts";
import type { BaseChain, Chain, DataType, Hook, NamedSet, Ruleset, Table } from "./types.ts";

/** nft's names for priorities, each with the only hook in which it is used, and how far from one nft still counts. */
const PRIORITY_NAMES: readonly { readonly name: string; readonly priority: number; readonly hook?: Hook }[] = [
  { name: "raw", priority: -300 },
  { name: "mangle", priority: -150 },
  { name: "dstnat", priority: -100, hook: "prerouting" },
  { name: "filter", priority: 0 },
  { name: "security", priority: 50 },
  { name: "srcnat", priority: 100, hook: "postrouting" },
];
const PRIORITY_REACH = 10;

/** nft breaks the list of elements after so many of a type; after each one of any other. */
const ELEMENTS_PER_LINE: Partial<Readonly<Record<DataType, number>>> = {
  ipv4_addr: 2,
  inet_proto: 5,
  inet_service: 5,
  integer: 5,
  mark: 5,
};
const NEXT_LINE = ",\n\t\t\t     ";

const SET_FLAGS = ["constant", "dynamic", "interval", "timeout"] as const;

export function rulesetText({ tables }: Ruleset): string {
  return tables.map(tableText).join("");
}

function tableText({ family, name, comment, sets, chains }: Table): string {
  const head = comment === undefined ? "" : `\t${commentText(comment)}\n`;
  const objects = [...sets.map(setText), ...chains.map(chainText)];
  return `table ${family} ${name} {\n${head}${objects.join("\n")}}\n`;
}

function setText(set: NamedSet): string {
  const lines = [typeText(set)];
  if (set.size !== undefined) lines.push(`size ${set.size}`);
  if (set.flags.length > 0) lines.push(`flags ${SET_FLAGS.filter((flag) => set.flags.includes(flag)).join(",")}`);
  if (set.timeoutSeconds !== undefined) lines.push(`timeout ${durationText(set.timeoutSeconds)}`);
  if (set.comment !== undefined) lines.push(commentText(set.comment));
  if (set.elements.length > 0) lines.push(`elements = { ${elementsText(set)} }`);
  return block(`${set.value === undefined ? "set" : "map"} ${set.name}`, lines);
}

function typeText({ key, value }: NamedSet): string {
  const type = `type ${key.join(" . ")}`;
  if (value === undefined) return type;
  return `${type} : ${value === "verdict" ? value : value.join(" . ")}`;
}

function elementsText({ key, value, elements }: NamedSet): string {
  const values = value === undefined || value === "verdict" ? [] : value;
  const perLine = key.length === 1 ? (ELEMENTS_PER_LINE[key[0]!] ?? 1) : 1;
  let text = "";
  elements.forEach((element, index) => {
    if (index > 0) text += index % perLine === 0 ? NEXT_LINE : ", ";
    text += elementText(element, key, values);
  });
  return text;
}

function chainText({ name, comment, base, rules }: Chain): string {
  const lines = rules.map(ruleText);
  if (base !== undefined) lines.unshift(baseText(base));
  if (comment !== undefined) lines.unshift(commentText(comment));
  return block(`chain ${name}`, lines);
}

function baseText({ type, hook, priority, policy }: BaseChain): string {
  return `type ${type} hook ${hook} priority ${priorityText(priority, hook)}; policy ${policy};`;
}

/** "filter", "dstnat - 10" or a number where no name is near or the near one is not for this hook. */
function priorityText(priority: number, hook: Hook): string {
  const near = PRIORITY_NAMES.find((named) => Math.abs(priority - named.priority) <= PRIORITY_REACH);
  if (near === undefined || (near.hook !== undefined && near.hook !== hook)) return String(priority);
  const offset = priority - near.priority;
  if (offset === 0) return near.name;
  return `${near.name} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)}`;
}

function block(head: string, lines: readonly string[]): string {
  return `\t${head} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
}
