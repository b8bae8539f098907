/** Translations: address and ports into registers, and the instruction that uses them. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import type { Expression, Literal, Nat } from "../ruleset/types.ts";
import { emitExpression } from "./expressions.ts";
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
  const ports = nat.port === undefined ? port : emitPorts(rule, nat.port);
  const flags = nat.flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
  rule.emit({
    operation: OPERATIONS[nat.kind],
    options: flags | address.bits | ports.bits,
    x: (address.low | (address.high << 8) | (ports.low << 16) | (ports.high << 24)) >>> 0,
  });
}

function emitTarget(rule: RuleBuilder, nat: Nat, target: Expression): { readonly address: Ends; readonly port: Ends } {
  const type = familyOf(rule, nat) === "ip" ? ADDRESS4 : ADDRESS6;
  const literal = target.kind === "literal" ? target.parts[0] : undefined;
  if (literal?.kind === "range") {
    const ends = emitEnds(rule, literal.from, literal.to, type);
    return { address: { ...ends, bits: Instructions.NAT_ADDRESS | Instructions.NAT_ADDRESS_RANGE }, port: NOTHING };
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
  if (first?.kind !== "address") throw new Uncompilable("the translation does not say whether it is for ip or ip6");
  return first.address.includes(":") ? "ip6" : "ip";
}
