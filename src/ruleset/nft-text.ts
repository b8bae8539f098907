/** A ruleset as `nft list ruleset` (1.0.6) prints it: text for people, and for `nft -f` onto an empty ruleset. */

import { isInterval } from "./literal.ts";
import { lookupKeyOf } from "./lookup-key.ts";
import { elementText, expressionText } from "./nft-text-expression.ts";
import { commentText, durationText } from "./nft-text-literal.ts";
import { flowtableLines, objectLines } from "./nft-text-object.ts";
import { ruleText } from "./nft-text-rule.ts";
import { statefulText } from "./nft-text-stateful.ts";
import type { BaseChain, Chain, DataType, Hook, NamedSet, Ruleset, Table, TableFamily } from "./types.ts";

/** nft's names for priorities, each with the only hook in which it is used, and how far from one nft still counts. */
const PRIORITY_NAMES: readonly { readonly name: string; readonly priority: number; readonly hook?: Hook }[] = [
  { name: "raw", priority: -300 },
  { name: "mangle", priority: -150 },
  { name: "dstnat", priority: -100, hook: "prerouting" },
  { name: "filter", priority: 0 },
  { name: "security", priority: 50 },
  { name: "srcnat", priority: 100, hook: "postrouting" },
];
/** Bridges have others. */
const BRIDGE_PRIORITY_NAMES: typeof PRIORITY_NAMES = [
  { name: "dstnat", priority: -300, hook: "prerouting" },
  { name: "filter", priority: -200 },
  { name: "out", priority: 100, hook: "output" },
  { name: "srcnat", priority: 300, hook: "postrouting" },
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

function tableText(table: Table): string {
  const { family, name, comment, flags, objects = [], flowtables = [], sets, chains } = table;
  const flagged = flags === undefined ? "" : `\tflags ${flags.join(",")}\n`;
  const head = comment === undefined ? "" : `\t${commentText(comment)}\n`;
  const blocks = [
    ...objects.map((object) => block(`${object.object} ${object.name}`, objectLines(object))),
    ...sets.map((set) => setText(set, table)),
    ...flowtables.map((flowtable) => block(`flowtable ${flowtable.name}`, flowtableLines(flowtable))),
    ...chains.map((chain) => chainText(chain, family)),
  ];
  return `table ${family} ${name} {\n${flagged}${head}${blocks.join("\n")}}\n`;
}

function setText(set: NamedSet, table: Table): string {
  const lines = [typeText(set, table)];
  if (set.policy === "memory") lines.push(`policy ${set.policy}`);
  if (set.size !== undefined) lines.push(`size ${set.size}`);
  if (set.flags.length > 0) lines.push(`flags ${SET_FLAGS.filter((flag) => set.flags.includes(flag)).join(",")}`);
  if (set.timeoutSeconds !== undefined) lines.push(`timeout ${durationText(set.timeoutSeconds)}`);
  if (set.gcIntervalSeconds !== undefined) lines.push(`gc-interval ${durationText(set.gcIntervalSeconds)}`);
  if (set.autoMerge) lines.push("auto-merge");
  for (const statement of set.statements ?? []) lines.push(statefulText(statement, true) ?? `<${statement.kind}>`);
  if (set.comment !== undefined) lines.push(commentText(set.comment));
  if (set.elements.length > 0) lines.push(`elements = { ${elementsText(set)} }`);
  return block(`${set.value === undefined ? "set" : "map"} ${set.name}`, lines);
}

/** A type that has no name of its own (integer) can only be declared by an expression: one that a rule looks up. */
function typeText(set: NamedSet, table: Table): string {
  const { key, value, object, elements } = set;
  const isNameless = key.includes("integer");
  const keyOf = set.keyOf ?? (isNameless ? lookupKeyOf(set.name, table) : undefined);
  const type = keyOf === undefined ? `type ${key.join(" . ")}` : `typeof ${expressionText(keyOf)}`;
  if (value === undefined) return type;
  if (object !== undefined || value === "verdict") return `${type} : ${object ?? value}`;
  const isOfRanges = elements.some(({ value: own }) => Array.isArray(own) && own.some(isInterval));
  return `${type} : ${isOfRanges ? "interval " : ""}${value.join(" . ")}`;
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

function chainText({ name, comment, base, rules }: Chain, family: TableFamily): string {
  const lines = rules.map(ruleText);
  if (base !== undefined) lines.unshift(baseText(base, family));
  if (comment !== undefined) lines.unshift(commentText(comment));
  return block(`chain ${name}`, lines);
}

function baseText({ type, hook, priority, policy, devices }: BaseChain, family: TableFamily): string {
  const place = devices === undefined ? hook : `${hook} ${devicesText(devices)}`;
  return `type ${type} hook ${place} priority ${priorityText(priority, hook, family)}; policy ${policy};`;
}

function devicesText(devices: readonly string[]): string {
  const names = devices.map((name) => `"${name}"`);
  return names.length === 1 ? `device ${names[0]}` : `devices = { ${names.join(", ")} }`;
}

/** "filter", "dstnat - 10" or a number where no name is near or the near one is not for this hook. */
function priorityText(priority: number, hook: Hook, family: TableFamily): string {
  const names = family === "bridge" ? BRIDGE_PRIORITY_NAMES : PRIORITY_NAMES;
  const near = names.find((named) => Math.abs(priority - named.priority) <= PRIORITY_REACH);
  if (near === undefined || (near.hook !== undefined && near.hook !== hook)) return String(priority);
  if ((family === "arp" || family === "netdev") && near.name !== "filter") return String(priority);
  const offset = priority - near.priority;
  if (offset === 0) return near.name;
  return `${near.name} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)}`;
}

function block(head: string, lines: readonly string[]): string {
  return `\t${head} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
}
