/** Reads `nft -j list ruleset` (libnftables-json(5)): everything that kube-proxy writes; what else it meets, it names. */

import type { Problem } from "../manifest/types.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  oneOf,
  stringOf,
  tagged,
  UnsupportedError,
} from "./json.ts";
import { readElement } from "./nft-json-expression.ts";
import { readStatement } from "./nft-json-statement.ts";
import type { BaseChain, Chain, DataType, NamedSet, Rule, Ruleset, Statement, Table, TableFamily } from "./types.ts";

const FAMILIES: readonly TableFamily[] = ["ip", "ip6", "inet"];
const CHAIN_TYPES = ["filter", "nat", "route"] as const;
const HOOKS = ["prerouting", "input", "forward", "output", "postrouting"] as const;
const POLICIES = ["accept", "drop"] as const;
const SET_FLAGS = ["constant", "interval", "timeout", "dynamic"] as const;
const DATA_TYPES: readonly DataType[] = [
  "ipv4_addr",
  "ipv6_addr",
  "inet_proto",
  "inet_service",
  "mark",
  "ifname",
  "integer",
  "ct_state",
  "fib_addrtype",
];

/** A table while it grows. */
interface Draft {
  readonly family: TableFamily;
  readonly name: string;
  readonly comment: string | undefined;
  readonly sets: NamedSet[];
  readonly chains: Map<string, { readonly chain: Omit<Chain, "rules">; readonly rules: Rule[] }>;
}

/** Whether a text looks like nft's JSON and not like another format of rules. */
export function isNftJson(text: string): boolean {
  return /^\s*\{\s*"nftables"/.test(text);
}

/** `file` names the text in problems. A rule that is not understood is an error: without it the others mean another thing. */
export function readNftJson(text: string, file: string): { ruleset: Ruleset; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const drafts = new Map<string, Draft>();
  for (const json of parsedObjects(text, file, problems)) {
    try {
      readObject(json, drafts, file, problems);
    } catch (cause) {
      if (!(cause instanceof UnsupportedError)) throw cause;
      problems.push({ severity: "error", message: `${file}: ${placeOf(json)}: ${cause.message} is not supported` });
    }
  }
  return { ruleset: { tables: [...drafts.values()].map(finished) }, problems };
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

function readObject(json: Json, drafts: Map<string, Draft>, file: string, problems: Problem[]): void {
  const [kind, value] = tagged(json, "object");
  if (kind === "metainfo" || !isObject(value)) return;
  const family = FAMILIES.find((name) => name === value.family);
  if (family === undefined) {
    const message = `${file}: ${placeOf(json)}: only tables of the families ${FAMILIES.join(", ")} are run`;
    if (kind === "table") problems.push({ severity: "warning", message });
    return;
  }
  if (kind === "table") {
    const name = stringOf(value.name, "name");
    drafts.set(`${family} ${name}`, { family, name, comment: commentOf(value), sets: [], chains: new Map() });
    return;
  }
  const draft = drafts.get(`${family} ${value.table}`);
  if (draft === undefined) throw new UnsupportedError("an object before its table");
  if (kind === "set" || kind === "map") draft.sets.push(readSet(value, kind));
  else if (kind === "chain") addChain(draft, value);
  else if (kind === "rule") addRule(draft, value, file);
  else throw new UnsupportedError(`object "${kind}"`);
}

function readSet(json: JsonObject, kind: "set" | "map"): NamedSet {
  const key = readTypes(json.type);
  const value = kind === "set" ? undefined : json.map === "verdict" ? "verdict" : readTypes(json.map);
  const comment = commentOf(json);
  const flags = json.flags === undefined ? [] : listOf(json.flags, "flags");
  return {
    name: stringOf(json.name, "name"),
    ...(comment === undefined ? {} : { comment }),
    key,
    ...(value === undefined ? {} : { value }),
    flags: flags.map((flag) => oneOf(flag, SET_FLAGS, "set flag")),
    ...(json.timeout === undefined ? {} : { timeoutSeconds: numberOf(json.timeout, "timeout") }),
    ...(json.size === undefined ? {} : { size: numberOf(json.size, "size") }),
    elements: listOf(json.elem ?? [], "elem").map((element) => readElement(element, key, value)),
  };
}

/** A list of types, one type, or a concatenation of them as text. */
function readTypes(json: Json | undefined): DataType[] {
  const types = Array.isArray(json) ? json : stringOf(json, "type").split(" . ");
  return types.map((type) => oneOf(type, DATA_TYPES, "type"));
}

function addChain(draft: Draft, json: JsonObject): void {
  const name = stringOf(json.name, "name");
  const comment = commentOf(json);
  const chain = { name, ...(comment === undefined ? {} : { comment }) };
  const base = json.hook === undefined ? undefined : readBase(json);
  draft.chains.set(name, { chain: base === undefined ? chain : { ...chain, base }, rules: [] });
}

function readBase(json: JsonObject): BaseChain {
  return {
    type: oneOf(json.type, CHAIN_TYPES, "chain type"),
    hook: oneOf(json.hook, HOOKS, "hook"),
    priority: numberOf(json.prio, "prio"),
    policy: oneOf(json.policy, POLICIES, "policy"),
  };
}

function addRule(draft: Draft, json: JsonObject, file: string): void {
  const chain = draft.chains.get(stringOf(json.chain, "chain"));
  if (chain === undefined) throw new UnsupportedError("a rule before its chain");
  const comment = commentOf(json);
  const statements = listOf(json.expr, "expr").map((statement) => readStatement(statement, draft));
  chain.rules.push({
    statements: statements.filter((statement): statement is Statement => statement !== undefined),
    ...(comment === undefined ? {} : { comment }),
    origin: { object: placeOf({ rule: json }), file },
  });
}

/** nft before 1.1 does not say that a set is dynamic; the rules that write to it do. */
function finished({ family, name, comment, sets, chains }: Draft): Table {
  const all = [...chains.values()].map(({ chain, rules }): Chain => ({ ...chain, rules }));
  const statements = all.flatMap(({ rules }) => rules.flatMap((rule) => rule.statements));
  const written = new Set(statements.map((statement) => (statement.kind === "set" ? statement.set : undefined)));
  return {
    family,
    name,
    ...(comment === undefined ? {} : { comment }),
    sets: sets.map((set) => {
      if (!written.has(set.name) || set.flags.includes("dynamic")) return set;
      return { ...set, flags: ["dynamic", ...set.flags] };
    }),
    chains: all,
  };
}

function commentOf({ comment }: JsonObject): string | undefined {
  return comment === undefined ? undefined : stringOf(comment, "comment");
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
