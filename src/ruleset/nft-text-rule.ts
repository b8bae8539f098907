/** Rules, statements and expressions in the words of `nft list ruleset`. */

import { dataTypes } from "./data-type.ts";
import { protocolName } from "./protocols.ts";
import type { DataType, Element, Expression, Literal, Nat, Rule, SetReference, Statement, Verdict } from "./types.ts";

const MARK_HEX_DIGITS = 8;

/** What `fib … oif` may be asked instead of an interface's name: whether there is a route. */
const PRESENCE = ["exists", "missing"];

export function ruleText({ statements, comment }: Rule): string {
  const words = statements.map(statementText);
  if (comment !== undefined) words.push(commentText(comment));
  return words.join(" ");
}

export function commentText(comment: string): string {
  return `comment "${comment}"`;
}

/** An element of a set or map whose keys and values have these types. */
export function elementText(element: Element, keys: readonly DataType[], values: readonly DataType[]): string {
  const { key, value, comment } = element;
  const words = [literalsText(key, keys)];
  if (comment !== undefined) words.push(commentText(comment));
  if (value !== undefined) words.push(":", isVerdict(value) ? verdictText(value) : literalsText(value, values));
  return words.join(" ");
}

export function durationText(seconds: number): string {
  let rest = seconds;
  let text = "";
  for (const [unit, unitSeconds] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / unitSeconds);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitSeconds;
  }
  return text === "" ? "0s" : text;
}

function statementText(statement: Statement): string {
  switch (statement.kind) {
    case "match":
      return matchText(statement);
    case "lookup": {
      const operator = statement.invert ? "!= " : "";
      return `${expressionText(statement.key)} ${operator}${setText(statement.set, statement.key)}`;
    }
    case "vmap":
      return `${expressionText(statement.key)} vmap ${setText(statement.map, statement.key)}`;
    case "set": {
      const timeout =
        statement.timeoutSeconds === undefined ? "" : ` timeout ${durationText(statement.timeoutSeconds)}`;
      return `${statement.operation} @${statement.set} { ${expressionText(statement.key)}${timeout} }`;
    }
    case "mangle":
      return `${statement.target} set ${expressionText(statement.value, ["mark"])}`;
    case "reject":
      return rejectText(statement);
    case "counter":
      return `counter packets ${statement.packets ?? 0} bytes ${statement.bytes ?? 0}`;
    case "notrack":
      return "notrack";
    case "statistic":
    case "recent":
    case "nfacct":
      return `xt match "${statement.kind}"`;
    case "verdict":
      return verdictText(statement.verdict);
    default:
      return natText(statement);
  }
}

/** "==" is said only where the left side is an operation; nft leaves it out elsewhere. */
function matchText({ left, operator, right }: Extract<Statement, { kind: "match" }>): string {
  const words = [expressionText(left)];
  if (operator !== "==" || left.kind === "bitwise") words.push(operator);
  words.push(expressionText(right, dataTypes(left)));
  return words.join(" ");
}

function rejectText({ with: answer }: Extract<Statement, { kind: "reject" }>): string {
  if (answer === undefined) return "reject";
  return answer.type === "tcp reset" ? "reject with tcp reset" : `reject with ${answer.type} ${answer.code}`;
}

function natText({ kind, family, target, port, flags }: Nat): string {
  const words: string[] = [kind];
  if (family !== undefined) words.push(family);
  if (target !== undefined || port !== undefined) words.push("to", natTargetText(target, port));
  if (flags.length > 0) words.push(flags.join(","));
  return words.join(" ");
}

/** A port needs brackets around an IPv6 address before it. */
function natTargetText(target: Expression | undefined, port: Literal | undefined): string {
  const addressText = target === undefined ? "" : expressionText(target);
  if (port === undefined) return addressText;
  const host = addressText.includes(":") ? `[${addressText}]` : addressText;
  return `${host}:${literalText(port, "inet_service")}`;
}

/** `types`: those of the value that a literal is compared with or stored in. */
function expressionText(expression: Expression, types: readonly DataType[] = ["integer"]): string {
  switch (expression.kind) {
    case "payload":
      return `${expression.protocol} ${expression.field}`;
    case "meta":
      return isUnqualified(expression.key) ? expression.key : `meta ${expression.key}`;
    case "ct":
      return expression.direction === undefined
        ? `ct ${expression.key}`
        : `ct ${expression.direction} ${expression.key}`;
    case "fib":
      return `fib ${expression.flags.join(" . ")} ${expression.result}`;
    case "bitwise": {
      const right: Literal = { kind: "number", value: expression.right };
      const [type = "integer"] = dataTypes(expression.left);
      return `${expressionText(expression.left)} ${expression.operator} ${literalText(right, type)}`;
    }
    case "concat":
      return expression.parts.map((part) => expressionText(part)).join(" . ");
    case "numgen": {
      const offset = expression.offset === 0 ? "" : ` offset ${expression.offset}`;
      return `numgen ${expression.mode} mod ${expression.modulus}${offset}`;
    }
    case "map":
      return `${expressionText(expression.key)} map ${setText(expression.map, expression.key)}`;
    case "literal":
      return literalsText(expression.parts, types);
  }
}

function isUnqualified(key: string): boolean {
  return key === "iif" || key === "oif" || key === "iifname" || key === "oifname";
}

function setText(set: SetReference, key: Expression): string {
  if (set.kind === "named") return `@${set.name}`;
  const types = dataTypes(key);
  return `{ ${set.elements.map((element) => elementText(element, types, [])).join(", ")} }`;
}

function verdictText(verdict: Verdict): string {
  return verdict.kind === "jump" || verdict.kind === "goto" ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

function literalsText(literals: readonly Literal[], types: readonly DataType[]): string {
  return literals.map((literal, index) => literalText(literal, types[index] ?? "integer")).join(" . ");
}

function literalText(literal: Literal, type: DataType): string {
  switch (literal.kind) {
    case "address":
      return literal.address;
    case "number":
      return type === "mark" ? `0x${literal.value.toString(16).padStart(MARK_HEX_DIGITS, "0")}` : String(literal.value);
    case "protocol":
      return protocolName(literal.protocol);
    case "name":
      return type === "ifname" && !PRESENCE.includes(literal.name) ? `"${literal.name}"` : literal.name;
    case "prefix":
      return `${literal.address}/${literal.length}`;
    case "range":
      return `${literalText(literal.from, type)}-${literalText(literal.to, type)}`;
  }
}

function isVerdict(value: NonNullable<Element["value"]>): value is Verdict {
  return !Array.isArray(value);
}
