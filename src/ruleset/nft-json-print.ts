/** A ruleset in libnftables-json(5): the objects of `nft -j list ruleset` without their handles, for `nft -j -f`. */

import { isBitSet } from "./data-type.ts";
import type { Json, JsonObject } from "./json.ts";
import { protocolName } from "./protocols.ts";
import type {
  Chain,
  Element,
  Expression,
  Literal,
  NamedSet,
  Nat,
  Rule,
  Ruleset,
  SetReference,
  Statement,
  Table,
  TableFamily,
  Verdict,
} from "./types.ts";

const SCHEMA_VERSION = 1;

export function rulesetJson({ tables }: Ruleset): Json {
  return { nftables: [{ metainfo: { json_schema_version: SCHEMA_VERSION } }, ...tables.flatMap(tableJson)] };
}

/** Chains stand before sets: nft reads in order, and elements name chains. */
function tableJson({ family, name, comment, sets, chains }: Table): Json[] {
  const place = { family, table: name };
  return [
    { table: { family, name, ...commented(comment) } },
    ...chains.map((chain) => chainJson(chain, place)),
    ...sets.map((set) => setJson(set, place)),
    ...chains.flatMap((chain) => chain.rules.map((rule) => ruleJson(rule, { ...place, chain: chain.name }, family))),
  ];
}

function setJson(set: NamedSet, place: JsonObject): Json {
  const flags = set.flags.filter((flag) => flag !== "dynamic"); // nft 1.0.6 neither prints nor reads it
  const body = {
    ...place,
    name: set.name,
    type: set.key.length === 1 ? set.key[0]! : set.key,
    ...commented(set.comment),
    ...(set.size === undefined ? {} : { size: set.size }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(set.timeoutSeconds === undefined ? {} : { timeout: set.timeoutSeconds }),
    ...(set.elements.length === 0 ? {} : { elem: set.elements.map(elementJson) }),
  };
  if (set.value === undefined) return { set: body };
  return { map: { ...body, map: set.value === "verdict" ? set.value : set.value.join(" . ") } };
}

function chainJson({ name, comment, base }: Chain, place: JsonObject): Json {
  const hook = base && { type: base.type, hook: base.hook, prio: base.priority, policy: base.policy };
  return { chain: { ...place, name, ...commented(comment), ...hook } };
}

function ruleJson({ statements, comment }: Rule, place: JsonObject, family: TableFamily): Json {
  return {
    rule: { ...place, ...commented(comment), expr: statements.map((statement) => statementJson(statement, family)) },
  };
}

function elementJson({ key, value, comment }: Element): Json {
  const plain = literalsJson(key);
  const keyJson = comment === undefined ? plain : { elem: { val: plain, comment } };
  if (value === undefined) return keyJson;
  return [keyJson, isVerdict(value) ? verdictJson(value) : literalsJson(value)];
}

function statementJson(statement: Statement, family: TableFamily): Json {
  switch (statement.kind) {
    case "match": {
      const { left, operator, right } = statement;
      const op = operator === "==" && isBitSet(left) ? "in" : operator;
      return { match: { op, left: expressionJson(left), right: expressionJson(right) } };
    }
    case "lookup": {
      const op = statement.invert ? "!=" : "==";
      return { match: { op, left: expressionJson(statement.key), right: referenceJson(statement.set) } };
    }
    case "vmap":
      return { vmap: { key: expressionJson(statement.key), data: referenceJson(statement.map) } };
    case "set": {
      const { operation, set, key, timeoutSeconds } = statement;
      const val = expressionJson(key);
      const elem = timeoutSeconds === undefined ? val : { elem: { val, timeout: timeoutSeconds } };
      return { set: { op: operation, elem, set: `@${set}` } };
    }
    case "mangle": {
      const [object, key] = statement.target.split(" ");
      return { mangle: { key: { [object!]: { key: key! } }, value: expressionJson(statement.value) } };
    }
    case "reject":
      return { reject: rejectJson(statement, family) };
    case "counter":
      return { counter: { packets: statement.packets ?? 0, bytes: statement.bytes ?? 0 } };
    case "notrack":
      return { notrack: null };
    case "statistic":
    case "recent":
    case "nfacct":
      return { xt: { type: "match", name: statement.kind } };
    case "verdict":
      return verdictJson(statement.verdict);
    default:
      return { [statement.kind]: natJson(statement) };
  }
}

/** Without a stated answer nft says port unreachable, in the table's family. */
function rejectJson({ with: answer }: Extract<Statement, { kind: "reject" }>, family: TableFamily): Json {
  if (answer?.type === "tcp reset") return { type: answer.type };
  if (answer !== undefined) return { type: answer.type, expr: answer.code };
  const type = { ip: "icmp", ip6: "icmpv6", inet: "icmpx" }[family];
  return { type, expr: "port-unreachable" };
}

function natJson({ family, target, port, flags }: Nat): Json {
  const body = {
    ...(family === undefined ? {} : { family }),
    ...(target === undefined ? {} : { addr: expressionJson(target) }),
    ...(port === undefined ? {} : { port: literalJson(port) }),
    ...(flags.length === 0 ? {} : { flags: flags.length === 1 ? flags[0]! : flags }),
  };
  return Object.keys(body).length === 0 ? null : body;
}

function expressionJson(expression: Expression): Json {
  switch (expression.kind) {
    case "payload":
      return { payload: { protocol: expression.protocol, field: expression.field } };
    case "meta":
      return { meta: { key: expression.key } };
    case "ct": {
      const { key, direction } = expression;
      return { ct: direction === undefined ? { key } : { key, dir: direction } };
    }
    case "fib":
      return { fib: { result: expression.result, flags: expression.flags } };
    case "bitwise":
      return { [expression.operator]: [expressionJson(expression.left), expression.right] };
    case "concat":
      return { concat: expression.parts.map(expressionJson) };
    case "numgen":
      return { numgen: { mode: expression.mode, mod: expression.modulus, offset: expression.offset } };
    case "map":
      return { map: { key: expressionJson(expression.key), data: referenceJson(expression.map) } };
    case "literal":
      return literalsJson(expression.parts);
  }
}

function referenceJson(set: SetReference): Json {
  return set.kind === "named" ? `@${set.name}` : { set: set.elements.map(elementJson) };
}

function verdictJson(verdict: Verdict): Json {
  const target = verdict.kind === "jump" || verdict.kind === "goto" ? { target: verdict.chain } : null;
  return { [verdict.kind]: target };
}

function literalsJson(literals: readonly Literal[]): Json {
  const parts = literals.map(literalJson);
  return parts.length === 1 ? parts[0]! : { concat: parts };
}

function literalJson(literal: Literal): Json {
  switch (literal.kind) {
    case "address":
      return literal.address;
    case "number":
      return literal.value;
    case "protocol":
      return protocolName(literal.protocol);
    case "name":
      return literal.name.includes(",") ? literal.name.split(",") : literal.name;
    case "prefix":
      return { prefix: { addr: literal.address, len: literal.length } };
    case "range":
      return { range: [literalJson(literal.from), literalJson(literal.to)] };
  }
}

function commented(comment: string | undefined): { readonly comment?: string } {
  return comment === undefined ? {} : { comment };
}

function isVerdict(value: NonNullable<Element["value"]>): value is Verdict {
  return !Array.isArray(value);
}
