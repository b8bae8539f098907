/** Bytes and bits of headers, extension headers and options → instructions that load them. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import { expressionText } from "../ruleset/nft-text-expression.ts";
import type { Expression } from "../ruleset/types.ts";
import { BOOLEAN } from "./data-types.ts";
import { type Bits, type Field, HEADERS, type HeaderFields } from "./fields.ts";
import { EXTENSIONS, IP_OPTIONS, type OptionFields, TCP_OPTIONS } from "./options.ts";
import type { RuleBuilder } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { BYTE, SHORT, WORD } from "./values.ts";

type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;
/** What is read from the packet's bytes. */
export type HeaderValue = Kind<"payload" | "raw" | "exthdr" | "option">;

/** Where a field of a packet is, and what must be so for it to be there. */
export interface PlacedField extends Field {
  readonly base: HeaderFields["base"];
  readonly protocol?: number;
  readonly family?: "ip" | "ip6";
}

const LOADS = {
  link: Instructions.OP_LOAD_LINK,
  network: Instructions.OP_LOAD_NETWORK,
  transport: Instructions.OP_LOAD_TRANSPORT,
} as const;
const RAW_BASES: Readonly<Partial<Record<Kind<"raw">["base"], HeaderFields["base"]>>> = {
  ll: "link",
  nh: "network",
  th: "transport",
};
const WORD_BITS = 32;

/** OPTIONS of instructions that look for an option: they only say whether it is there. */
const ASKS_PRESENCE = 1;

export function headerField(expression: HeaderValue): Field {
  if (expression.kind === "payload" || expression.kind === "raw") return placedField(expression);
  return optionField(expression).field;
}

export function emitHeader(rule: RuleBuilder, expression: HeaderValue, register: number): void {
  if (expression.kind === "payload" || expression.kind === "raw") {
    const field = placedField(expression);
    if (field.family !== undefined) rule.requireFamily(field.family);
    if (field.protocol !== undefined) rule.requireProtocol(field.protocol);
    if (field.message !== undefined) rule.requireMessage(field.message);
    const length = field.bits?.bytes ?? field.type.bytes;
    rule.emit({ operation: LOADS[field.base], register, length, x: field.offset });
    emitBits(rule, register, field);
    return;
  }
  const { operation, kind, field, asksPresence } = optionField(expression);
  const length = field.bits?.bytes ?? field.type.bytes;
  const options = asksPresence ? ASKS_PRESENCE : 0;
  rule.emit({ operation, register, length, options, x: field.offset, y: kind });
  if (!asksPresence) emitBits(rule, register, field);
}

/** A field of the link, network or transport header. */
export function placedField(expression: Kind<"payload" | "raw">): PlacedField {
  if (expression.kind === "raw") return rawField(expression);
  const { protocol, field } = expression;
  const placed = PLACED_FIELDS.get(protocol)?.get(field);
  if (placed === undefined) throw new Uncompilable(`the field "${protocol} ${field}" is not supported`);
  return placed;
}

/** By header and field. */
const PLACED_FIELDS: ReadonlyMap<string, ReadonlyMap<string, PlacedField>> = new Map(
  Object.entries(HEADERS).map(([name, { fields, ...header }]) => [
    name,
    new Map(Object.entries(fields).map(([field, found]) => [field, { ...found, ...header }])),
  ]),
);

function rawField({ base, offset, length }: Kind<"raw">): PlacedField {
  const known = RAW_BASES[base];
  const first = offset >> 3;
  const bytes = ((offset + length + 7) >> 3) - first;
  if (known === undefined || bytes * 8 > WORD_BITS)
    throw new Uncompilable(`"@${base},${offset},${length}" is not supported`);
  const type = length <= 8 ? BYTE : length <= 16 ? SHORT : WORD;
  const place = { base: known, offset: first, type };
  if (offset % 8 === 0 && length === type.bytes * 8) return place;
  const mask = 2 ** length - 1;
  return { ...place, bits: { bytes, shift: bytes * 8 - (offset % 8) - length, mask } };
}

function optionField(expression: Kind<"exthdr" | "option">): {
  readonly operation: number;
  readonly kind: number;
  readonly field: Field;
  readonly asksPresence: boolean;
} {
  const asksPresence = expression.field === undefined;
  const { operation, found } = optionOf(expression);
  const field = asksPresence ? { offset: 0, type: BOOLEAN } : found?.fields[expression.field];
  if (found === undefined || field === undefined)
    throw new Uncompilable(`"${expressionText(expression)}" is not supported`);
  return { operation, kind: found.kind, field, asksPresence };
}

function optionOf(expression: Kind<"exthdr" | "option">): { operation: number; found: OptionFields | undefined } {
  if (expression.kind === "exthdr")
    return { operation: Instructions.OP_LOAD_EXTENSION, found: EXTENSIONS[expression.name] };
  const { header, name, length, offset } = expression;
  const isTcp = header === "tcp option";
  const operation = isTcp ? Instructions.OP_LOAD_OPTION : Instructions.OP_LOAD_IP_OPTION;
  if (!isTcp && header !== "ip option") return { operation, found: undefined };
  if (typeof name === "string") return { operation, found: (isTcp ? TCP_OPTIONS : IP_OPTIONS)[name] };
  const isWhole = length === undefined || (length === 8 && (offset ?? 0) === 0);
  return { operation, found: isWhole ? { kind: name, fields: {} } : undefined };
}

function emitBits(rule: RuleBuilder, register: number, { type, bits }: { type: Field["type"]; bits?: Bits }): void {
  if (bits === undefined) return;
  const { bytes, shift, mask } = bits;
  rule.emit({ operation: Instructions.OP_FIELD, register, length: bytes, options: type.bytes, x: shift, y: mask });
}
