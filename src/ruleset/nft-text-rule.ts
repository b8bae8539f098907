/** Rules and statements in the words of `nft list ruleset`. */

import { dataTypes } from "./data-type.ts";
import { flagNames, hasFlags } from "./flags.ts";
import { isList, isObject, type Json, type JsonObject } from "./json.ts";
import { comparedText, expressionText, setText } from "./nft-text-expression.ts";
import { foreignText } from "./nft-text-foreign.ts";
import { commentText, durationText, literalText, verdictText } from "./nft-text-literal.ts";
import { statefulText } from "./nft-text-stateful.ts";
import { endpointText, serviceText } from "./service-text.ts";
import type { Expression, Literal, Nat, ObjectReference, Rule, Statement } from "./types.ts";
import { xtName } from "./xt.ts";

export { elementText } from "./nft-text-expression.ts";
export { commentText, durationText } from "./nft-text-literal.ts";

type Kind<K extends Statement["kind"]> = Extract<Statement, { readonly kind: K }>;

export function ruleText({ statements, comment }: Rule): string {
  const words = statements.map(statementText);
  if (comment !== undefined) words.push(commentText(comment));
  return words.join(" ");
}

export function statementText(statement: Statement): string {
  switch (statement.kind) {
    case "match":
      return matchText(statement);
    case "lookup": {
      const operator = statement.invert ? "!= " : "";
      return `${expressionText(statement.key)} ${operator}${setText(statement.set, statement.key)}`;
    }
    case "vmap":
      return `${expressionText(statement.key)} vmap ${setText(statement.map, statement.key)}`;
    case "set":
      return updateText(statement);
    case "mangle":
      return `${statement.target} set ${expressionText(statement.value, ["mark"])}`;
    case "assign":
      return `${expressionText(statement.target)} set ${comparedText(statement.target, statement.value)}`;
    case "reject":
      return rejectText(statement);
    case "verdict":
      return verdictText(statement.verdict);
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return natText(statement);
    default:
      return statefulText(statement) ?? otherText(statement);
  }
}

function otherText(statement: Statement): string {
  switch (statement.kind) {
    case "notrack":
      return "notrack";
    case "log":
      return logText(statement.json);
    case "queue":
      return queueText(statement.json);
    case "object":
      return referenceText(statement);
    case "reset option":
      return `reset ${expressionText(statement.option)}`;
    case "statistic":
    case "recent":
    case "nfacct":
      return `xt match "${statement.kind}"`;
    case "xt": {
      const [type, name] = xtName(statement);
      return `xt ${type} "${name}"`;
    }
    case "service":
      return serviceText(statement);
    case "endpoint":
      return endpointText(statement);
    case "alternatives":
    case "search":
    case "u32":
    case "month days":
      throw new Error(`nft has no words for ${statement.kind}`);
    default:
      return foreignText(statement);
  }
}

/** "==" is said only where the left side is an operation or all bits of a set count; nft leaves it out elsewhere. */
function matchText(match: Kind<"match">): string {
  const { left, operator, right, exact } = match;
  const flags = flagsText(match);
  if (flags !== undefined) return flags;
  const isOperation = left.kind === "bitwise" || left.kind === "mask";
  const words = [expressionText(left)];
  if (operator !== "==" || isOperation || exact) words.push(operator);
  words.push(comparedText(left, right));
  return words.join(" ");
}

/** `tcp flags syn / fin,syn`: the flags that must be set, of those that are looked at. */
function flagsText({ left, operator, right }: Kind<"match">): string | undefined {
  if (left.kind !== "bitwise" || left.operator !== "&" || right.kind !== "literal") return undefined;
  const [literal] = right.parts;
  const [type = "integer"] = dataTypes(left);
  const isFlags = hasFlags(type) && literal?.kind === "name";
  if (!isFlags || (operator !== "==" && operator !== "!=")) return undefined;
  const sign = operator === "!=" ? "!= " : "";
  return `${expressionText(left.left)} ${sign}${literal.name} / ${flagNames(left.right, type).join(",")}`;
}

function updateText({ operation, set, key, value, timeoutSeconds, statements = [] }: Kind<"set">): string {
  const words = [expressionText(key)];
  if (timeoutSeconds !== undefined) words.push("timeout", durationText(timeoutSeconds));
  for (const statement of statements) words.push(statefulText(statement, true) ?? foreignText(statement));
  if (value !== undefined) words.push(":", expressionText(value, ["mark"]));
  return `${operation} @${set} { ${words.join(" ")} }`;
}

function rejectText({ with: answer }: Kind<"reject">): string {
  if (answer === undefined) return "reject";
  return answer.type === "tcp reset" ? "reject with tcp reset" : `reject with ${answer.type} ${answer.code}`;
}

/** An object by its name, or by what a map says. */
function referenceText({ object, name }: ObjectReference): string {
  const named = typeof name === "string" ? `"${name}"` : expressionText(name, ["string"]);
  if (object === "secmark") return `meta secmark set ${named}`;
  return object.startsWith("ct ") ? `${object} set ${named}` : `${object} name ${named}`;
}

function natText({ kind, family, target, port, portOf, prefix, flags }: Nat): string {
  const words: string[] = [kind];
  if (family !== undefined) words.push(family);
  if (prefix) words.push("prefix");
  if (target !== undefined || port !== undefined || portOf !== undefined) {
    words.push("to", natTargetText(target, port, portOf));
  }
  if (flags.length > 0) words.push(flags.join(","));
  return words.join(" ");
}

/** A port needs brackets around an IPv6 address before it. */
function natTargetText(target: Expression | undefined, port: Literal | undefined, portOf?: Expression): string {
  const addressText = target === undefined ? "" : expressionText(target);
  if (port === undefined && portOf === undefined) return addressText;
  const host = addressText.includes(":") ? `[${addressText}]` : addressText;
  const portText = port === undefined ? expressionText(portOf as Expression) : literalText(port, "inet_service");
  return `${host}:${portText}`;
}

function logText(json: Json): string {
  const { prefix, group, snaplen, "queue-threshold": threshold, level, flags } = isObject(json) ? json : {};
  const words = ["log"];
  if (prefix !== undefined) words.push("prefix", JSON.stringify(prefix));
  if (group !== undefined) words.push(`group ${group}`);
  if (snaplen !== undefined) words.push(`snaplen ${snaplen}`);
  if (threshold !== undefined) words.push(`queue-threshold ${threshold}`);
  if (level !== undefined) words.push(`level ${level}`);
  for (const flag of isList(flags) ? flags : flags === undefined ? [] : [flags]) words.push(`flags ${flag}`);
  return words.join(" ");
}

/** Queues by number, by range of numbers, or by what an expression says. */
function queueText(json: Json): string {
  const { num, flags }: JsonObject = isObject(json) ? json : {};
  const words = ["queue"];
  if (flags !== undefined) words.push(`flags ${isList(flags) ? flags.join(",") : flags}`);
  const range = isObject(num) && isList(num.range) ? num.range.join("-") : undefined;
  if (num !== undefined) words.push("to", range ?? (isObject(num) ? foreignText(unnamed(num)) : String(num)));
  return words.join(" ");
}

function unnamed(json: JsonObject): Statement {
  return { kind: "foreign", what: "queue by an expression", json };
}
