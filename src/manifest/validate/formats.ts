/** Well-formed plain values, in the API server's words (apimachinery's validation and field errors). */

import { canonicalAddress } from "../../network/address.ts";
import { canonicalCidr } from "../../network/prefix.ts";
import type { Plain } from "../schema/types.ts";

const PORT_MAX = 65535;
const LABEL_CHARACTERS_MAX = 63;
const SUBDOMAIN_CHARACTERS_MAX = 253;
const PORT_NAME_CHARACTERS_MAX = 15;
const INT32_MAX = 2 ** 31 - 1;

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const DNS_LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const DNS_SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

/** What is wrong with a string, undefined if nothing. */
type Format = (text: string) => string | undefined;

const STRING_FORMATS: Readonly<Partial<Record<Plain, Format>>> = {
  address: addressFault,
  addressOrNone: (text) => (text === "None" ? undefined : addressFault(text)),
  cidr: (text) =>
    canonicalCidr(text.trim()) === undefined
      ? "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
      : undefined,
  dnsLabel: labelFault,
  objectName: subdomainFault,
};

/** The message for a value that is not what the schema asks for; undefined when it is. `value` is not null. */
export function plainFault(schema: Plain, value: unknown): string | undefined {
  switch (schema) {
    case "any":
      return undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : typeFault(value, "boolean");
    case "integer":
    case "port":
    case "portOrZero":
      return numberFault(schema, value);
    case "targetPort":
      return targetPortFault(value);
    default: {
      if (typeof value !== "string") return typeFault(value, "string");
      const fault = value === "" ? undefined : STRING_FORMATS[schema]?.(value);
      return fault === undefined ? undefined : invalidValue(value, fault);
    }
  }
}

export function typeFault(value: unknown, expected: string): string {
  return `invalid type: got "${typeName(value)}", expected "${expected}"`;
}

export function invalidValue(value: unknown, reason: string): string {
  return `Invalid value: ${JSON.stringify(value)}: ${reason}`;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "object" ? "map" : typeof value;
}

function numberFault(schema: "integer" | "port" | "portOrZero", value: unknown): string | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) return typeFault(value, "integer");
  if (Math.abs(value) > INT32_MAX) return invalidValue(value, "must be a 32-bit integer");
  if (schema === "integer" || (schema === "portOrZero" && value === 0)) return undefined;
  return portFault(value);
}

function portFault(value: number): string | undefined {
  return value >= 1 && value <= PORT_MAX
    ? undefined
    : invalidValue(value, `must be between 1 and ${PORT_MAX}, inclusive`);
}

/** A number, or the name of a container's port; 0 and "" stand for "like port". */
function targetPortFault(value: unknown): string | undefined {
  if (value === 0 || value === "") return undefined;
  if (typeof value === "number" && Number.isInteger(value)) return portFault(value);
  if (typeof value !== "string") return typeFault(value, "integer or string");
  const fault = portNameFault(value);
  return fault === undefined ? undefined : invalidValue(value, fault);
}

/** RFC 6335, section 5.1. */
function portNameFault(name: string): string | undefined {
  if (name.length > PORT_NAME_CHARACTERS_MAX) return `must be no more than ${PORT_NAME_CHARACTERS_MAX} characters`;
  if (!/^[-a-z0-9]+$/.test(name)) return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
  if (!/[a-z]/.test(name)) return "must contain at least one letter (a-z)";
  if (name.includes("--")) return "must not contain consecutive hyphens";
  return /^-|-$/.test(name) ? "must not begin or end with a hyphen" : undefined;
}

function addressFault(text: string): string | undefined {
  return canonicalAddress(text) === undefined
    ? "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
    : undefined;
}

function labelFault(text: string): string | undefined {
  if (text.length > LABEL_CHARACTERS_MAX) return `must be no more than ${LABEL_CHARACTERS_MAX} characters`;
  return DNS_LABEL.test(text) ? undefined : DNS_LABEL_WORDS;
}

function subdomainFault(text: string): string | undefined {
  if (text.length > SUBDOMAIN_CHARACTERS_MAX) return `must be no more than ${SUBDOMAIN_CHARACTERS_MAX} characters`;
  return text.split(".").every((label) => DNS_LABEL.test(label)) ? undefined : DNS_SUBDOMAIN_WORDS;
}
