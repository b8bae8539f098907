/** Reads `nft -j list ruleset` (libnftables-json(5)). What it does not understand it keeps, to be printed and named. */

import type { Problem } from "../manifest/types.ts";
import { isObject, type Json, type JsonObject, listOf, stringOf, tagged, UnsupportedError } from "./json.ts";
import { itemLines } from "./json-lines.ts";
import { readStatement } from "./nft-json-statement.ts";
import { commentOf, readChain, readNamedObject, readSet, readTableFlags } from "./nft-json-table.ts";
import { OBJECT_KINDS } from "./nft-words.ts";
import type { Chain, Flowtable, NamedObject, NamedSet, Rule, Ruleset, Table, TableFamily } from "./types.ts";

const FAMILIES: readonly TableFamily[] = ["ip", "ip6", "inet", "bridge", "arp", "netdev"];
/** What the kernel is asked for besides, and what says nothing about packets. */
const OTHER_OBJECTS = ["metainfo", "element"];

/** A table while it grows. */
interface Draft {
  readonly table: Omit<Table, "sets" | "chains" | "objects" | "flowtables">;
  readonly family: TableFamily;
  readonly sets: NamedSet[];
  readonly objects: NamedObject[];
  readonly flowtables: Flowtable[];
  readonly chains: Map<string, { readonly chain: Omit<Chain, "rules">; readonly rules: Rule[] }>;
}

/** Where an object of the text stands. */
interface Spot {
  readonly file: string;
  readonly line?: number;
}

/** Whether a text looks like nft's JSON and not like another format of rules. */
export function isNftJson(text: string): boolean {
  return /^\s*\{\s*"nftables"/.test(text);
}

/**
 * `file` names the text in problems. An object that is not understood is an error: without it the others mean another
 * thing. A statement or expression that is not understood is kept; whoever compiles the rules is told.
 */
export function readNftJson(text: string, file: string): { ruleset: Ruleset; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const drafts = new Map<string, Draft>();
  const objects = parsedObjects(text, file, problems);
  const lines = itemLines(text);
  objects.forEach((json, index) => {
    const line = lines?.[index];
    const spot: Spot = { file, ...(line === undefined ? {} : { line }) };
    try {
      readObject(json, drafts, spot);
    } catch (cause) {
      if (!(cause instanceof UnsupportedError)) throw cause;
      problems.push({
        severity: "error",
        message: `${told(spot)}: ${placeOf(json)}: ${cause.message} is not supported`,
      });
    }
  });
  return { ruleset: { tables: [...drafts.values()].map(finished) }, problems };
}

function told({ file, line }: Spot): string {
  return line === undefined ? file : `${file}:${line}`;
}

function parsedObjects(text: string, file: string, problems: Problem[]): readonly Json[] {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    problems.push({ severity: "error", message: `${file}: not JSON: ${(cause as SyntaxError).message}` });
    return [];
  }
  if (isObject(json) && Array.isArray(json.nftables)) return json.nftables;
  problems.push({
    severity: "error",
    message: `${file}: has no list "nftables"`,
    remedy: "nft -j list ruleset writes one",
  });
  return [];
}

function readObject(json: Json, drafts: Map<string, Draft>, spot: Spot): void {
  const [kind, value] = tagged(json, "object");
  if (OTHER_OBJECTS.includes(kind) || !isObject(value)) return;
  const family = FAMILIES.find((name) => name === value.family);
  if (family === undefined) throw new UnsupportedError(`family ${JSON.stringify(value.family)}`);
  if (kind === "table") {
    const draft = newDraft(family, value);
    drafts.set(`${family} ${draft.table.name}`, draft);
    return;
  }
  const draft = drafts.get(`${family} ${value.table}`);
  if (draft === undefined) throw new UnsupportedError("an object before its table");
  const object = OBJECT_KINDS.find((name) => name === kind);
  if (object !== undefined) draft.objects.push(readNamedObject(object, value));
  else if (kind === "set" || kind === "map") draft.sets.push(readSet(value, kind));
  else if (kind === "flowtable") draft.flowtables.push(readFlowtable(value));
  else if (kind === "chain") draft.chains.set(stringOf(value.name, "name"), { chain: readChain(value), rules: [] });
  else if (kind === "rule") addRule(draft, value, spot);
  else throw new UnsupportedError(`object "${kind}"`);
}

function newDraft(family: TableFamily, json: JsonObject): Draft {
  const comment = commentOf(json);
  const name = stringOf(json.name, "name");
  return {
    table: { family, name, ...(comment === undefined ? {} : { comment }), ...readTableFlags(json) },
    family,
    sets: [],
    objects: [],
    flowtables: [],
    chains: new Map(),
  };
}

function readFlowtable({ family: _family, table: _table, handle: _handle, name, ...fields }: JsonObject): Flowtable {
  return { name: stringOf(name, "name"), json: fields };
}

function addRule(draft: Draft, json: JsonObject, spot: Spot): void {
  const chain = draft.chains.get(stringOf(json.chain, "chain"));
  if (chain === undefined) throw new UnsupportedError("a rule before its chain");
  const comment = commentOf(json);
  chain.rules.push({
    statements: listOf(json.expr, "expr").map((statement) => readStatement(statement, draft)),
    ...(comment === undefined ? {} : { comment }),
    origin: { object: placeOf({ rule: json }), ...spot },
  });
}

/** nft before 1.1 does not say that a set is dynamic; the rules that write to it do. */
function finished({ table, sets, chains, objects, flowtables }: Draft): Table {
  const all = [...chains.values()].map(({ chain, rules }): Chain => ({ ...chain, rules }));
  const statements = all.flatMap(({ rules }) => rules.flatMap((rule) => rule.statements));
  const written = new Set(statements.map((statement) => (statement.kind === "set" ? statement.set : undefined)));
  return {
    ...table,
    ...(objects.length === 0 ? {} : { objects }),
    ...(flowtables.length === 0 ? {} : { flowtables }),
    sets: sets.map((set) => {
      const isDynamic = written.has(set.name) || set.statements !== undefined;
      return !isDynamic || set.flags.includes("dynamic") ? set : { ...set, flags: ["dynamic", ...set.flags] };
    }),
    chains: all,
  };
}

/** "table ip filter, chain forward, rule handle 5" */
function placeOf(json: Json): string {
  const [kind, value] = isObject(json) ? (Object.entries(json)[0] ?? []) : [];
  if (!isObject(value)) return String(kind);
  const { family, table, chain, name, handle } = value;
  if (kind === "table") return `table ${family} ${name}`;
  const place = `table ${family} ${table}`;
  return kind === "rule" ? `${place}, chain ${chain}, rule handle ${handle}` : `${place}, ${kind} ${name}`;
}
