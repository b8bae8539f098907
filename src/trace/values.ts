/** Values as registers hold them → text, by the types that rules give them (src/program/values.ts). */

import { formatAddress } from "../network/address.ts";
import { ADDRESS4, ADDRESS6, PROTOCOL, type ValueType } from "../program/values.ts";
import { protocolName } from "../ruleset/protocols.ts";

/** A number whose bits rules set and test. */
export const MARK: ValueType = { bytes: 4, order: "machine" };

const MARK_HEX_DIGITS = 8;
const LINK_ADDRESS_BYTES = 6;
const LONG_BYTES = 8;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const DAY_MILLISECONDS = 86_400_000;
const SECOND_MILLISECONDS = 1000;

/** The text of a value; `interfaces` are names by index. The bytes are a register's whole words. */
export function valueText(bytes: Uint8Array, type: ValueType, interfaces: readonly string[]): string {
  if (type === ADDRESS4 || type === ADDRESS6) return formatAddress(bytes.subarray(0, type.bytes));
  if (type.bytes > 4) return longText(bytes.subarray(0, type.bytes), type);
  const number = numberOf(bytes, type);
  if (type.parse !== undefined) return timeOfDay(number);
  if (type.scale !== undefined) return `${number / type.scale}s`;
  if (type === PROTOCOL) return protocolName(number);
  if (type === MARK) return hexText(number);
  if (type.interface) return number === 0 ? "none" : `"${interfaces[number - 1] ?? "unknown"}"`;
  if (type.names === undefined) return String(number);
  return type.bits ? bitsText(number, type.names) : nameOf(number, type.names);
}

/** Link addresses, dates, what has been counted; and bytes of which nobody knows what they mean. */
function longText(bytes: Uint8Array, { parse }: ValueType): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  if (bytes.length === LINK_ADDRESS_BYTES) return digits.join(":");
  if (bytes.length !== LONG_BYTES) return `0x${digits.join("")}`;
  const number = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  if (parse === undefined) return String(number);
  const milliseconds = Number(number / NANOSECONDS_PER_MILLISECOND);
  return new Date(milliseconds).toISOString().slice(0, "2020-01-01T00:00:00".length).replace("T", " ");
}

/** "08:00:00" */
function timeOfDay(seconds: number): string {
  const milliseconds = (seconds * SECOND_MILLISECONDS) % DAY_MILLISECONDS;
  return new Date(milliseconds).toISOString().slice("2020-01-01T".length, "2020-01-01T00:00:00".length);
}

export function hexText(number: number): string {
  return `0x${number.toString(16).padStart(MARK_HEX_DIGITS, "0")}`;
}

/** A register's value as a number. */
export function numberOf(bytes: Uint8Array, { bytes: count, order }: ValueType): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (count === 1) return view.getUint8(0);
  if (count === 2) return view.getUint16(0, order === "machine");
  return view.getUint32(0, order === "machine");
}

function nameOf(number: number, names: Readonly<Record<string, number>>): string {
  return Object.keys(names).find((name) => names[name] === number) ?? String(number);
}

function bitsText(number: number, names: Readonly<Record<string, number>>): string {
  const set = Object.keys(names).filter((name) => (number & (names[name] ?? 0)) !== 0);
  return set.length === 0 ? "none" : set.join(",");
}
