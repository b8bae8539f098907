/** A ruleset in libnftables-json(5): the objects of `nft -j list ruleset` without their handles, for `nft -j -f`. */

import type { Json, JsonObject } from "./json.ts";
import { elementJson, expressionJson } from "./nft-json-print-expression.ts";
import { statementJson } from "./nft-json-print-rule.ts";
import { objectFields, statefulJson } from "./nft-json-stateful.ts";
import type { Chain, Flowtable, NamedObject, NamedSet, Rule, Ruleset, Statement, Table, TableFamily } from "./types.ts";

const SCHEMA_VERSION = 1;

export function rulesetJson({ tables }: Ruleset): Json {
  return { nftables: [{ metainfo: { json_schema_version: SCHEMA_VERSION } }, ...tables.flatMap(tableJson)] };
}

/** Objects and chains stand before sets: nft reads in order, and elements name both. */
function tableJson({ family, name, comment, flags, objects = [], flowtables = [], sets, chains }: Table): Json[] {
  const place = { family, table: name };
  const flagged = flags === undefined ? {} : { flags: oneOrList(flags) };
  return [
    { table: { family, name, ...commented(comment), ...flagged } },
    ...objects.map((object) => objectJson(object, place)),
    ...chains.map((chain) => chainJson(chain, place)),
    ...sets.map((set) => setJson(set, place)),
    ...flowtables.map((flowtable) => flowtableJson(flowtable, place)),
    ...chains.flatMap((chain) => chain.rules.map((rule) => ruleJson(rule, { ...place, chain: chain.name }, family))),
  ];
}

function objectJson({ object, name, comment, statement, json }: NamedObject, place: JsonObject): Json {
  const fields = statement === undefined ? (json as JsonObject) : objectFields(statement);
  return { [object]: { ...place, name, ...commented(comment), ...fields } };
}

function flowtableJson({ name, json }: Flowtable, place: JsonObject): Json {
  return { flowtable: { ...place, name, ...(json as JsonObject) } };
}

function setJson(set: NamedSet, place: JsonObject): Json {
  const flags = set.flags.filter((flag) => flag !== "dynamic"); // nft 1.0.6 neither prints nor reads it
  const { keyOf, statements } = set;
  const body = {
    ...place,
    name: set.name,
    type: keyOf === undefined ? (set.key.length === 1 ? set.key[0]! : set.key) : { typeof: expressionJson(keyOf) },
    ...commented(set.comment),
    ...(set.policy === undefined ? {} : { policy: set.policy }),
    ...(set.size === undefined ? {} : { size: set.size }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(set.timeoutSeconds === undefined ? {} : { timeout: set.timeoutSeconds }),
    ...(set.gcIntervalSeconds === undefined ? {} : { "gc-interval": set.gcIntervalSeconds }),
    ...(set.autoMerge ? { "auto-merge": true } : {}),
    ...(statements === undefined ? {} : { stmt: statements.map(templateJson) }),
    ...(set.elements.length === 0 ? {} : { elem: set.elements.map(elementJson) }),
  };
  if (set.value === undefined) return { set: body };
  return { map: { ...body, map: set.object ?? (set.value === "verdict" ? set.value : set.value.join(" . ")) } };
}

/** A statement that each element of a set has. */
function templateJson(statement: Statement): Json {
  return statement.kind === "foreign" ? statement.json : (statefulJson(statement, true) ?? null);
}

function chainJson({ name, comment, base }: Chain, place: JsonObject): Json {
  const devices = base?.devices === undefined ? {} : { dev: oneOrList(base.devices) };
  const hook = base && { type: base.type, hook: base.hook, prio: base.priority, ...devices, policy: base.policy };
  return { chain: { ...place, name, ...commented(comment), ...hook } };
}

function ruleJson({ statements, comment }: Rule, place: JsonObject, family: TableFamily): Json {
  return {
    rule: { ...place, ...commented(comment), expr: statements.map((statement) => statementJson(statement, family)) },
  };
}

function oneOrList(words: readonly string[]): Json {
  return words.length === 1 ? words[0]! : words;
}

function commented(comment: string | undefined): { readonly comment?: string } {
  return comment === undefined ? {} : { comment };
}
