/** What a schema is: data that says which fields an object has and what they hold. The walk over it is validate/fields.ts. */

export type Schema = Plain | ObjectSchema | ListSchema | MapSchema | ChoiceSchema;

/**
 * "any" is not looked into. "targetPort" is a port's number or name, "count" a number or a percentage. Formats say what a string must be well-formed as; an
 * empty string counts as not given, as it does for the API server.
 */
export type Plain =
  | "any"
  | "string"
  | "boolean"
  | "integer"
  | "address"
  | "cidr"
  | "port"
  | "portOrZero"
  | "targetPort"
  | "count"
  | "dnsLabel";

export interface ObjectSchema {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  /** Fields that are not listed are let through: parts that sluice does not read and that grow with every version. */
  readonly open: boolean;
}

export interface ListSchema {
  readonly kind: "list";
  readonly items: Schema;
}

/** String keys, all values alike. */
export interface MapSchema {
  readonly kind: "map";
  readonly values: Schema;
}

/** One of these strings; an empty one counts as not given. */
export interface ChoiceSchema {
  readonly kind: "choice";
  readonly choices: readonly string[];
}

type Fields = Readonly<Record<string, Schema>>;

export function object(fields: Fields, required: readonly string[] = []): ObjectSchema {
  return { kind: "object", fields, required, open: false };
}

export function openObject(fields: Fields): ObjectSchema {
  return { kind: "object", fields, required: [], open: true };
}

export function list(items: Schema): ListSchema {
  return { kind: "list", items };
}

export function map(values: Schema): MapSchema {
  return { kind: "map", values };
}

export function choice(...choices: readonly string[]): ChoiceSchema {
  return { kind: "choice", choices };
}

/** Fields that exist and are not read. */
export function unread(...names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, "any"]));
}
