/** The slow, obvious evaluation of a table's rules, on packets as plain values. Only what random rulesets use. */

import { compareBytes, parseAddress } from "../../src/network/address.ts";
import { parsePrefix, prefixContains } from "../../src/network/prefix.ts";
import type { Element, Expression, Literal, SetReference, Statement, Table, Verdict } from "../../src/ruleset/types.ts";

export interface PlainPacket {
  readonly src: string;
  readonly dst: string;
  readonly protocol: "tcp" | "udp";
  readonly srcPort: number;
  readonly dstPort: number;
  readonly state: "new" | "established" | "invalid";
  readonly in: string;
  readonly mark: number;
}

/** A part of a value: text for addresses and names, else a number. */
type Part = string | number;

const PROTOCOLS = { tcp: 6, udp: 17 };
const NO_MATCH = "no match";
const CONTINUE = "continue";

/** "accept", "drop" or "reject", and the mark that the packet then has. */
export function interpret(table: Table, start: string, packet: PlainPacket): { verdict: string; mark: number } {
  let mark = packet.mark;

  function runChain(name: string): string {
    const { rules } = table.chains.find((chain) => chain.name === name)!;
    for (const { statements } of rules) {
      const outcome = runRule(statements);
      if (outcome === "return") return CONTINUE;
      if (outcome.startsWith("goto ")) return runChain(outcome.slice(5));
      const verdict = outcome.startsWith("jump ") ? runChain(outcome.slice(5)) : outcome;
      if (verdict !== CONTINUE && verdict !== NO_MATCH) return verdict;
    }
    return CONTINUE;
  }

  function runRule(statements: readonly Statement[]): string {
    for (const statement of statements) {
      const outcome = runStatement(statement);
      if (outcome !== CONTINUE) return outcome;
    }
    return CONTINUE;
  }

  function runStatement(statement: Statement): string {
    switch (statement.kind) {
      case "match":
        return isMatch(statement) ? CONTINUE : NO_MATCH;
      case "lookup":
        return (find(elementsOf(statement.set), evaluate(statement.key)) !== undefined) !== statement.invert
          ? CONTINUE
          : NO_MATCH;
      case "vmap": {
        const verdict = find(elementsOf(statement.map), evaluate(statement.key))?.value as Verdict | undefined;
        return verdict === undefined ? NO_MATCH : textOf(verdict);
      }
      case "mangle": {
        const value = evaluate(statement.value);
        if (value === undefined) return NO_MATCH;
        mark = Number(value[0]);
        return CONTINUE;
      }
      case "verdict":
        return textOf(statement.verdict);
      case "reject":
        return "reject";
      default:
        throw new Error(`the interpreter does not know ${statement.kind}`);
    }
  }

  function isMatch({ left, operator, right }: Statement & { kind: "match" }): boolean {
    const value = evaluate(left)!;
    const literals = (right as Expression & { kind: "literal" }).parts;
    if (left.kind === "ct" && operator === "!") return !literals.some((literal) => holds(literal, value[0]!));
    if (left.kind === "ct") return literals.some((literal) => holds(literal, value[0]!)) === (operator === "==");
    const equal = literals.every((literal, i) => holds(literal, value[i]!));
    if (operator === "==" || operator === "!=") return equal === (operator === "==");
    const difference = Number(value[0]) - Number(partOf(literals[0]!));
    return operator === "<"
      ? difference < 0
      : operator === "<="
        ? difference <= 0
        : operator === ">"
          ? difference > 0
          : difference >= 0;
  }

  function evaluate(expression: Expression): Part[] | undefined {
    switch (expression.kind) {
      case "payload":
        return [
          { saddr: packet.src, daddr: packet.dst, sport: packet.srcPort, dport: packet.dstPort }[expression.field]!,
        ];
      case "meta":
        return [
          expression.key === "mark" ? mark : expression.key === "l4proto" ? PROTOCOLS[packet.protocol] : packet.in,
        ];
      case "ct":
        return [packet.state];
      case "bitwise": {
        const left = Number(evaluate(expression.left)![0]);
        const { operator, right } = expression;
        if (operator === "<<") return [(left << right) >>> 0];
        if (operator === ">>") return [left >>> right];
        return [(operator === "&" ? left & right : operator === "|" ? left | right : left ^ right) >>> 0];
      }
      case "concat":
        return expression.parts.flatMap((part) => evaluate(part)!);
      case "map": {
        const value = find(elementsOf(expression.map), evaluate(expression.key))?.value as
          | readonly Literal[]
          | undefined;
        return value?.map(partOf);
      }
      case "literal":
        return expression.parts.map(partOf);
      default:
        throw new Error(`the interpreter does not know ${expression.kind}`);
    }
  }

  function elementsOf(reference: SetReference): readonly Element[] {
    return reference.kind === "anonymous"
      ? reference.elements
      : table.sets.find((set) => set.name === reference.name)!.elements;
  }

  const verdict = runChain(start);
  const { policy } = table.chains.find((chain) => chain.name === start)!.base!;
  return { verdict: verdict === CONTINUE ? policy : verdict, mark };
}

function find(elements: readonly Element[], key: readonly Part[] | undefined): Element | undefined {
  return key && elements.find((element) => element.key.every((literal, i) => holds(literal, key[i]!)));
}

function holds(literal: Literal, part: Part): boolean {
  switch (literal.kind) {
    case "prefix":
      return prefixContains(parsePrefix(`${literal.address}/${literal.length}`)!, parseAddress(String(part))!);
    case "range":
      return compare(literal.from, part) <= 0 && compare(literal.to, part) >= 0;
    case "name":
      return literal.name.endsWith("*") ? String(part).startsWith(literal.name.slice(0, -1)) : literal.name === part;
    default:
      return partOf(literal) === part;
  }
}

function compare(literal: Literal, part: Part): number {
  if (literal.kind !== "address") return Number(partOf(literal)) - Number(part);
  return compareBytes(parseAddress(literal.address)!, parseAddress(String(part))!);
}

function partOf(literal: Literal): Part {
  switch (literal.kind) {
    case "address":
      return literal.address;
    case "number":
      return literal.value;
    case "protocol":
      return literal.protocol;
    case "name":
      return literal.name;
    default:
      throw new Error("a prefix or range is no single value");
  }
}

function textOf(verdict: Verdict): string {
  return "chain" in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}
