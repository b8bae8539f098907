/** Statements that write into packets and connections → instructions. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import * as State from "../../assembly/layout/state.ts";
import { expressionText } from "../ruleset/nft-text-expression.ts";
import type { Expression, OptionReset, Statement } from "../ruleset/types.ts";
import { convert } from "./convert.ts";
import { emitExpression } from "./expressions.ts";
import { type PlacedField, placedField } from "./headers.ts";
import { TCP_OPTIONS } from "./options.ts";
import type { RuleBuilder } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { NUMBER, type ValueType } from "./values.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;
type Assign = Extract<Statement, { readonly kind: "assign" }>;

/** What says something to the kernel about packets, and changes nothing that packets meet here. */
const WITHOUT_EFFECT: readonly string[] = ["meta priority", "meta nftrace", "meta secmark", "ct event", "ct secmark"];
const SHIFT_BITS = 3;

export function emitAssign(rule: RuleBuilder, { target, value }: Assign): void {
  if (target.kind === "payload" || target.kind === "raw") emitStore(rule, target, value);
  else if (target.kind === "option" && target.header === "tcp option") emitStoreOption(rule, target, value);
  else if (target.kind === "ct" && target.key === "zone") emitZone(rule, target, value);
  else if (WITHOUT_EFFECT.includes(expressionText(target)))
    rule.scope.warnOnce(`"${expressionText(target)} set" is not run: it decides nothing about packets`);
  else throw new Uncompilable(`"${expressionText(target)} set" is not supported`);
}

export function emitReset(rule: RuleBuilder, { option }: OptionReset): void {
  const kind = typeof option.name === "number" ? option.name : TCP_OPTIONS[option.name]?.kind;
  if (kind === undefined || option.header !== "tcp option" || option.field !== undefined)
    throw new Uncompilable(`"reset ${expressionText(option)}" is not supported`);
  rule.emit({ operation: Instructions.OP_CLEAR_OPTION, y: kind });
}

function emitStore(rule: RuleBuilder, target: Kind<"payload" | "raw">, value: Expression): void {
  const field = placedField(target);
  if (field.base === "link") throw new Uncompilable(`"${expressionText(target)} set" is not supported`);
  if (field.family !== undefined) rule.requireFamily(field.family);
  if (field.protocol !== undefined) rule.requireProtocol(field.protocol);
  const options = storeOptions(field, target);
  if (field.bits === undefined) {
    const register = emitAs(rule, value, field.type);
    rule.emit({ operation: Instructions.OP_STORE_BYTES, register, length: field.type.bytes, options, x: field.offset });
    return;
  }
  const { bytes, shift, mask } = field.bits;
  const register = emitAs(rule, value, field.type);
  convert(rule, register, field.type, NUMBER);
  rule.emit({
    operation: Instructions.OP_STORE_BITS,
    register,
    length: bytes,
    options: options | (shift << SHIFT_BITS),
    x: field.offset,
    y: mask,
  });
}

/** Checksums belong to headers that have names; the addresses count in those of what they carry, too. */
function storeOptions(field: PlacedField, target: Kind<"payload" | "raw">): number {
  const base = field.base === "transport" ? Instructions.STORE_TRANSPORT : 0;
  if (target.kind === "raw" || target.protocol === "th") return base;
  const isAddress = field.base === "network" && (target.field === "saddr" || target.field === "daddr");
  return base | Instructions.STORE_SUM | (isAddress ? Instructions.STORE_PSEUDO : 0);
}

function emitZone(rule: RuleBuilder, { direction }: Kind<"ct">, value: Expression): void {
  const register = emitAs(rule, value, NUMBER);
  const [original, reply] = [1 << State.DIRECTION_ORIGINAL, 1 << State.DIRECTION_REPLY];
  const directions = direction === undefined ? original | reply : direction === "original" ? original : reply;
  const x = Keys.CT_KEY_ZONE;
  rule.emit({ operation: Instructions.OP_STORE_CT, register, length: 4, x, y: directions });
}

function emitStoreOption(rule: RuleBuilder, { name, field = "" }: Kind<"option">, value: Expression): void {
  const option = TCP_OPTIONS[name];
  const found = option?.fields[field];
  if (option === undefined || found === undefined || found.type.bytes === 1 || found.bits !== undefined)
    throw new Uncompilable(`"tcp option ${name} ${field} set" is not supported`);
  const register = emitAs(rule, value, found.type);
  const { type, offset } = found;
  rule.emit({ operation: Instructions.OP_STORE_OPTION, register, length: type.bytes, x: offset, y: option.kind });
}

/** The value in the form that the field has. */
function emitAs(rule: RuleBuilder, value: Expression, type: ValueType): number {
  const { register, types } = emitExpression(rule, value, [type]);
  const [own, ...others] = types;
  if (own === undefined || others.length > 0) throw new Uncompilable("one value is wanted here");
  if (own.bytes === type.bytes && own.order === type.order) return register;
  convert(rule, register, own, type);
  return register;
}
