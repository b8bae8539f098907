/** JSON values, and asking them for what a reader needs. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** What was read is not what this version understands; the message names it, the reader adds where. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

export function objectOf(json: Json | undefined, what: string): JsonObject {
  if (!isObject(json)) throw new UnsupportedError(`${what}: not an object`);
  return json;
}

export function listOf(json: Json | undefined, what: string): readonly Json[] {
  if (!isList(json)) throw new UnsupportedError(`${what}: not a list`);
  return json;
}

export function stringOf(json: Json | undefined, what: string): string {
  if (typeof json !== "string") throw new UnsupportedError(`${what}: not a string`);
  return json;
}

export function numberOf(json: Json | undefined, what: string): number {
  if (typeof json !== "number") throw new UnsupportedError(`${what}: not a number`);
  return json;
}

/** The value, if it is one of these. */
export function oneOf<T extends string>(json: Json | undefined, allowed: readonly T[], what: string): T {
  const found = allowed.find((value) => value === json);
  if (found === undefined) throw new UnsupportedError(`${what} ${JSON.stringify(json)}`);
  return found;
}

/** nft writes `{"kind": value}` for statements and expressions: the kind and the value. */
export function tagged(json: Json | undefined, what: string): readonly [kind: string, value: Json] {
  const [entry, ...others] = Object.entries(objectOf(json, what));
  if (entry === undefined || others.length > 0) throw new UnsupportedError(`${what}: not one object with one key`);
  return [entry[0], entry[1] ?? null];
}
