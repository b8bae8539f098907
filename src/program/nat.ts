/** Translations: address and ports into registers, and the instruction that uses them. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Expression, Literal, Nat } from "../ruleset/types.ts";
import { emitConstant, emitExpression } from "./expressions.ts";
import { intervalOf } from "./intervals.ts";
import type { RuleBuilder } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { ADDRESS4, ADDRESS6, SHORT, type ValueType } from "./values.ts";

const OPERATIONS = {
  dnat: Instructions.OP_DNAT,
  snat: Instructions.OP_SNAT,
  masquerade: Instructions.OP_MASQUERADE,
  redirect: Instructions.OP_REDIRECT,
} as const;

const FLAG_BITS = {
  random: Instructions.NAT_RANDOM,
  "fully-random": Instructions.NAT_FULLY_RANDOM,
  persistent: Instructions.NAT_PERSISTENT,
} as const;

/** The registers of the ends of a range, and the NAT_* bits that say that they count. */
interface Ends {
  readonly low: number;
  readonly high: number;
  readonly bits: number;
}

const NOTHING: Ends = { low: 0, high: 0, bits: 0 };

export function emitNat(rule: RuleBuilder, nat: Nat): void {
  if (nat.kind === "snat" || nat.kind === "dnat") rule.requireFamily(familyOf(rule, nat));
  const { address, port } =
    nat.target === undefined ? { address: NOTHING, port: NOTHING } : emitTarget(rule, nat, nat.target);
  const ports =
    nat.portOf !== undefined ? emitPortOf(rule, nat.portOf) : nat.port === undefined ? port : emitPorts(rule, nat.port);
  const netmap = nat.prefix ? Instructions.NAT_NETMAP : 0;
  const flags = nat.flags.reduce((bits, flag) => bits | FLAG_BITS[flag], netmap);
  rule.emit({
    operation: OPERATIONS[nat.kind],
    options: flags | address.bits | ports.bits,
    x: (address.low | (address.high << 8) | (ports.low << 16) | (ports.high << 24)) >>> 0,
  });
}

function emitTarget(rule: RuleBuilder, nat: Nat, target: Expression): { readonly address: Ends; readonly port: Ends } {
  const type = familyOf(rule, nat) === "ip" ? ADDRESS4 : ADDRESS6;
  const literal = target.kind === "literal" ? target.parts[0] : undefined;
  const range = Instructions.NAT_ADDRESS | Instructions.NAT_ADDRESS_RANGE;
  if (literal !== undefined && isInterval(literal))
    return { address: { ...emitInterval(rule, literal, type), bits: range }, port: NOTHING };
  if (hasRanges(rule, target)) {
    const { register } = emitExpression(rule, target, [type, type]);
    return { address: { low: register, high: register + type.bytes, bits: range }, port: NOTHING };
  }
  const { register, types } = emitExpression(rule, target, nat.addressAndPort ? [type, SHORT] : [type]);
  if (types[0]?.bytes !== type.bytes) throw new Uncompilable("the target has no address of the rule's family");
  const address = { low: register, high: register, bits: Instructions.NAT_ADDRESS };
  if (!nat.addressAndPort) return { address, port: NOTHING };
  const at = register + type.bytes;
  return { address, port: { low: at, high: at, bits: Instructions.NAT_PORT } };
}

function emitPorts(rule: RuleBuilder, port: Literal): Ends {
  if (port.kind !== "range") return { ...emitEnds(rule, port, port, SHORT), bits: Instructions.NAT_PORT };
  return { ...emitEnds(rule, port.from, port.to, SHORT), bits: Instructions.NAT_PORT | Instructions.NAT_PORT_RANGE };
}

function emitPortOf(rule: RuleBuilder, expression: Expression): Ends {
  const { register, types } = emitExpression(rule, expression, [SHORT]);
  if (types[0]?.bytes !== SHORT.bytes) throw new Uncompilable("the port is none");
  return { low: register, high: register, bits: Instructions.NAT_PORT };
}

/** Whether the target is a map whose values are ranges or prefixes. */
function hasRanges(rule: RuleBuilder, target: Expression): boolean {
  if (target.kind !== "map") return false;
  const { map } = target;
  if (map.kind === "anonymous") return map.elements.some(({ value }) => Array.isArray(value) && value.some(isInterval));
  const value = rule.scope.set(map.name)?.value;
  return Array.isArray(value) && value.length === 2 && value[0] === value[1];
}

/** Both ends of a range or prefix. */
function emitInterval(rule: RuleBuilder, literal: Literal, type: ValueType): Ends {
  const { low, high } = intervalOf(literal, type, rule.scope.interfaces);
  const register = rule.allocate(low.length * 2);
  emitConstant(rule, low, register);
  emitConstant(rule, high, register + low.length * 4);
  return { low: register, high: register + low.length * 4, bits: 0 };
}

function emitEnds(rule: RuleBuilder, from: Literal, to: Literal, type: ValueType): Ends {
  const low = emitExpression(rule, { kind: "literal", parts: [from] }, [type]).register;
  const high = from === to ? low : emitExpression(rule, { kind: "literal", parts: [to] }, [type]).register;
  return { low, high, bits: 0 };
}

/** The family of the translation: the rule's word, the table's, or that of the address itself. */
function familyOf({ scope }: RuleBuilder, { family, target }: Nat): "ip" | "ip6" {
  if (family !== undefined) return family;
  if (scope.family === "ip" || scope.family === "ip6") return scope.family;
  const literal = target?.kind === "literal" ? target.parts[0] : undefined;
  const first = literal?.kind === "range" ? literal.from : literal;
  if (first?.kind !== "address" && first?.kind !== "prefix")
    throw new Uncompilable("the translation does not say whether it is for ip or ip6");
  return first.address.includes(":") ? "ip6" : "ip";
}
