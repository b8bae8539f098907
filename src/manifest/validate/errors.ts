/** The messages of field errors, as apimachinery's field.Error writes them (ErrorBody in util/validation/field/errors.go). */

export function invalidValue(value: unknown, reason: string): string {
  return `Invalid value: ${JSON.stringify(value)}: ${reason}`;
}

export function requiredValue(detail = ""): string {
  return detail === "" ? "Required value" : `Required value: ${detail}`;
}

export function unsupportedValue(value: string, supported: readonly string[]): string {
  const list = supported.map((choice) => JSON.stringify(choice)).join(", ");
  return `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
}

export function duplicateValue(value: unknown): string {
  return `Duplicate value: ${JSON.stringify(value)}`;
}

export function forbidden(reason: string): string {
  return `Forbidden: ${reason}`;
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
