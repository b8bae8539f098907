/** Walks chains rule by rule, as written. Values are lists of strings: addresses and numbers as hexadecimal digits. */

import type {
  Chain,
  Element,
  Expression,
  Literal,
  NamedSet,
  Nat,
  RejectWith,
  Ruleset,
  SetReference,
  Statement,
  Table,
} from "../../src/ruleset/types.ts";
import { addressBytes } from "../support/address.ts";
import { hex } from "../support/decode.ts";
import type { Tracked } from "./connections.ts";
import type { ModelPacket } from "./packet.ts";

/** The packet while it is in a hook. Marks can be set by rules. */
export interface Passing {
  readonly packet: ModelPacket;
  readonly tracked: Tracked;
  mark: number;
  readonly isLocal: (address: string) => boolean;
}

/** What a base chain says in the end. `nat` is what a nat statement asks for. */
export type Decision =
  | { readonly kind: "accept" | "drop" }
  | { readonly kind: "reject"; readonly with: RejectWith | undefined }
  | { readonly kind: "nat"; readonly statement: Nat; readonly choices: readonly (readonly string[])[] };

type Undecided = { readonly kind: "return" | "continue" };
type Step = Decision | Undecided | undefined;

const FAMILY_OF: Readonly<Record<Table["family"], readonly number[]>> = {
  ip: [4],
  ip6: [6],
  inet: [4, 6],
  bridge: [],
  arp: [],
  netdev: [],
};

/** The base chains of a hook, in the order in which they are walked. */
export function baseChains(
  ruleset: Ruleset,
  hook: string,
  type: "nat" | "filter",
  family: 4 | 6,
): { table: Table; chain: Chain }[] {
  return ruleset.tables
    .filter((table) => FAMILY_OF[table.family].includes(family))
    .flatMap((table) => table.chains.map((chain) => ({ table, chain })))
    .filter(({ chain }) => chain.base?.hook === hook && chain.base.type === type)
    .sort((a, b) => a.chain.base!.priority - b.chain.base!.priority);
}

export function runBaseChain(table: Table, chain: Chain, passing: Passing): Decision {
  const step = runChain(table, chain.name, passing);
  return step === undefined || isUndecided(step) ? { kind: chain.base!.policy } : step;
}

function runChain(table: Table, name: string, passing: Passing): Step {
  for (const rule of table.chains.find((chain) => chain.name === name)!.rules) {
    const step = runStatements(table, rule.statements, passing);
    if (step !== undefined && step.kind !== "continue") return step;
  }
  return undefined;
}

/** A rule ends at its first statement that does not match, or at its verdict. */
function runStatements(table: Table, statements: readonly Statement[], passing: Passing): Step {
  for (const statement of statements) {
    switch (statement.kind) {
      case "match":
        if (!matches(statement, passing)) return undefined;
        break;
      case "lookup": {
        const found = findElement(table, statement.set, evaluate(statement.key, passing)) !== undefined;
        if (found === statement.invert) return undefined;
        break;
      }
      case "vmap": {
        const element = findElement(table, statement.map, evaluate(statement.key, passing));
        if (element === undefined) return undefined;
        return runVerdict(table, element.value as { kind: string; chain?: string }, passing);
      }
      case "mangle":
        passing.mark = Number.parseInt(evaluate(statement.value, passing)[0]!, 16);
        break;
      case "verdict":
        return runVerdict(table, statement.verdict, passing);
      case "reject":
        return { kind: "reject", with: statement.with };
      case "counter":
        break;
      case "dnat":
      case "snat":
      case "masquerade":
      case "redirect":
        return { kind: "nat", statement, choices: targetsOf(statement, passing) };
      default:
        throw new Error(`the model does not know ${statement.kind}`);
    }
  }
  return undefined;
}

/** A jump that ends without a verdict goes on behind the jump; a goto goes on where its own chain was called. */
function runVerdict(table: Table, verdict: { readonly kind: string; readonly chain?: string }, passing: Passing): Step {
  if (verdict.kind !== "jump" && verdict.kind !== "goto") return { kind: verdict.kind as "accept" };
  const step = runChain(table, verdict.chain!, passing);
  if (step !== undefined && !isUndecided(step)) return step;
  return { kind: verdict.kind === "jump" ? "continue" : "return" };
}

function isUndecided(step: Exclude<Step, undefined>): step is Undecided {
  return step.kind === "return" || step.kind === "continue";
}

/** All targets that a nat statement could choose: an address, or an address and a port. */
function targetsOf(statement: Nat, passing: Passing): (readonly string[])[] {
  const { target, port } = statement;
  const ports = port === undefined ? [] : literalValue(port);
  if (target === undefined) return [ports];
  if (target.kind === "map" && target.key.kind === "numgen" && target.map.kind === "anonymous") {
    return target.map.elements.map((element) => (element.value as readonly Literal[]).flatMap(literalValue));
  }
  return [[...evaluate(target, passing), ...ports]];
}

function matches({ left, operator, right }: Extract<Statement, { kind: "match" }>, passing: Passing): boolean {
  const value = evaluate(left, passing);
  const isBits = left.kind === "ct";
  const equal =
    right.kind === "literal" && (isBits ? value.includes(nameOf(right.parts[0]!)) : contains(right.parts, value));
  return operator === "==" ? equal : !equal;
}

function evaluate(expression: Expression, passing: Passing): readonly string[] {
  const { packet, tracked } = passing;
  switch (expression.kind) {
    case "payload":
      return [payloadValue(expression.field, packet)];
    case "meta":
      return [expression.key === "mark" ? number(passing.mark) : number(packet.protocol)];
    case "ct":
      return expression.key === "state" ? [tracked.state] : tracked.connection?.dstNat ? ["dnat"] : [];
    case "fib":
      return [passing.isLocal(expression.flags[0] === "saddr" ? packet.src : packet.dst) ? "local" : "unicast"];
    case "bitwise": {
      const left = Number.parseInt(evaluate(expression.left, passing)[0]!, 16);
      const { operator, right } = expression;
      return [number(operator === "&" ? left & right : operator === "|" ? left | right : left ^ right)];
    }
    case "concat":
      return expression.parts.flatMap((part) => evaluate(part, passing));
    case "literal":
      return expression.parts.flatMap(literalValue);
    default:
      throw new Error(`the model does not know ${expression.kind}`);
  }
}

function payloadValue(field: string, packet: ModelPacket): string {
  if (field === "saddr") return packet.src;
  if (field === "daddr") return packet.dst;
  return number(field === "sport" ? packet.srcPort : packet.dstPort);
}

function findElement(table: Table, reference: SetReference, value: readonly string[]): Element | undefined {
  const elements = reference.kind === "anonymous" ? reference.elements : setOf(table, reference.name).elements;
  return elements.find((element) => contains(element.key, value));
}

function setOf(table: Table, name: string): NamedSet {
  return table.sets.find((set) => set.name === name)!;
}

function contains(literals: readonly Literal[], value: readonly string[]): boolean {
  return literals.length === value.length && literals.every((literal, index) => covers(literal, value[index]!));
}

function covers(literal: Literal, value: string): boolean {
  if (literal.kind === "prefix")
    return bits(hex(addressBytes(literal.address))).slice(0, literal.length) === bits(value).slice(0, literal.length);
  if (literal.kind === "range") return literalValue(literal.from)[0]! <= value && value <= literalValue(literal.to)[0]!;
  return literalValue(literal)[0] === value;
}

function literalValue(literal: Literal): string[] {
  switch (literal.kind) {
    case "address":
      return [hex(addressBytes(literal.address))];
    case "number":
      return [number(literal.value)];
    case "protocol":
      return [number(literal.protocol)];
    case "name":
      return [literal.name];
    default:
      throw new Error(`${literal.kind} is no single value`);
  }
}

function nameOf(literal: Literal): string {
  return literal.kind === "name" ? literal.name : "";
}

/** Every number in as many digits, so that comparing texts compares numbers. */
function number(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

export function bits(digits: string): string {
  return [...digits].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
}
