/** The messages of field errors, as apimachinery's field.Error writes them (ErrorBody in util/validation/field/errors.go). */

export function invalidValue(value: unknown, reason: string): string {
  const given = `Invalid value: ${JSON.stringify(value)}`;
  return reason === "" ? given : `${given}: ${reason}`;
}

export function requiredValue(detail = ""): string {
  return detail === "" ? "Required value" : `Required value: ${detail}`;
}

export function unsupportedValue(value: unknown, supported: readonly string[]): string {
  const list = supported.map((choice) => JSON.stringify(choice)).join(", ");
  return `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
}

export function duplicateValue(value: unknown, detail = ""): string {
  return `Duplicate value: ${JSON.stringify(value)}${detail === "" ? "" : `: ${detail}`}`;
}

export function forbidden(reason: string): string {
  return `Forbidden: ${reason}`;
}

/** What is no field's fault: the whole request fails. */
export function internalError(reason: string): string {
  return `Internal error occurred: ${reason}`;
}

export function tooMany(count: number, countMax: number): string {
  return `Too many: ${count}: must have at most ${countMax} items`;
}

export function tooLong(bytesMax: number): string {
  return `Too long: may not be more than ${bytesMax} bytes`;
}

/** What does not even decode: no server gets to look at it. */
export function typeFault(value: unknown, expected: string): string {
  return `invalid type: got "${typeName(value)}", expected "${expected}"`;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "object" ? "map" : typeof value;
}
