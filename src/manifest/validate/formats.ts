/** Plain values: of the type that the schema asks for, and well-formed, in the API server's words. */

import type { Plain } from "../schema/types.ts";
import { addressFaults, cidrFaults } from "./addresses.ts";
import { typeFault } from "./errors.ts";
import { labelFaults, portNameFaults } from "./names.ts";

const PORT_MAX = 65535;
const INT32_MAX = 2 ** 31 - 1;
const NOTHING: readonly string[] = [];

/** Everything that is wrong with a string. */
type Format = (text: string) => readonly string[];

const STRING_FORMATS: Readonly<Partial<Record<Plain, Format>>> = {
  address: addressFaults,
  cidr: cidrFaults,
  dnsLabel: labelFaults,
};

/** The message for a value that is not of the schema's type; undefined when it is. `value` is not null. */
export function plainTypeFault(schema: Plain, value: unknown): string | undefined {
  switch (schema) {
    case "any":
      return undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : typeFault(value, "boolean");
    case "integer":
    case "port":
    case "portOrZero":
      return Number.isInteger(value) ? undefined : typeFault(value, "integer");
    case "count":
    case "targetPort":
      return typeof value === "string" || Number.isInteger(value) ? undefined : typeFault(value, "integer or string");
    default:
      return typeof value === "string" ? undefined : typeFault(value, "string");
  }
}

/** What is wrong with a value of the right type, reason by reason. An empty string counts as not given. */
export function plainFaults(schema: Plain, value: unknown): readonly string[] {
  if (typeof value === "number") return numberFaults(schema, value);
  if (typeof value !== "string" || value === "") return NOTHING;
  return schema === "targetPort" ? portNameFaults(value) : (STRING_FORMATS[schema]?.(value) ?? NOTHING);
}

export function portFaults(value: number): readonly string[] {
  return value >= 1 && value <= PORT_MAX ? NOTHING : [`must be between 1 and ${PORT_MAX}, inclusive`];
}

/** Zero stands for "like port" as a target, and for "none" where the schema says so. */
function numberFaults(schema: Plain, value: number): readonly string[] {
  if (schema === "any") return NOTHING;
  if (Math.abs(value) > INT32_MAX) return ["must be a 32-bit integer"];
  if (schema === "integer" || schema === "count" || (schema !== "port" && value === 0)) return NOTHING;
  return portFaults(value);
}
