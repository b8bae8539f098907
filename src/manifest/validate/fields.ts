/** Walks a value along its schema and tells everything that does not fit: unknown fields, wrong types, missing and malformed ones. */

import type { Segment } from "../position.ts";
import type { ListSchema, MapSchema, ObjectSchema, Plain, Schema } from "../schema/types.ts";
import { invalidValue, requiredValue, typeFault, unsupportedValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { plainFaults, plainTypeFault } from "./formats.ts";
import { nearest } from "./nearest.ts";

/**
 * null counts as not given, as for the API server. The walk is as deep as the schema, whatever the value holds.
 * Says whether the object decodes: whoever looks further can rely on the types of its fields, whatever else was told.
 */
export function checkFields(value: unknown, schema: ObjectSchema, report: Report): boolean {
  let decodes = true;
  checkValue(value, schema, [], (finding) => {
    if (finding.stopsDecoding) decodes = false;
    report(finding);
  });
  return decodes;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `path` is shared and changes while walking: what keeps it copies it. */
function checkValue(value: unknown, schema: Schema, path: Segment[], report: Report): void {
  if (value === null || value === undefined) return;
  if (typeof schema === "string") {
    checkPlain(value, schema, path, report);
    return;
  }
  if (schema.kind === "choice") checkChoice(value, schema.choices, path, report);
  else if (schema.kind === "list") checkList(value, schema, path, report);
  else if (!isMapping(value)) report({ path: [...path], message: typeFault(value, "map"), stopsDecoding: true });
  else if (schema.kind === "object") checkObject(value, schema, path, report);
  else checkMap(value, schema, path, report);
}

function checkPlain(value: unknown, schema: Plain, path: readonly Segment[], report: Report): void {
  const message = plainTypeFault(schema, value);
  if (message !== undefined) {
    report({ path: [...path], message, stopsDecoding: true, ...quoteRemedy(value, schema) });
    return;
  }
  for (const reason of plainFaults(schema, value)) report({ path: [...path], message: invalidValue(value, reason) });
}

function checkObject(value: Record<string, unknown>, schema: ObjectSchema, path: Segment[], report: Report): void {
  for (const key in value) {
    const field = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined;
    path.push(key);
    if (field !== undefined) checkValue(value[key], field, path, report);
    else if (!schema.open) reportUnknown(key, schema, path, report);
    path.pop();
  }
  for (const name of schema.required) {
    const given = value[name];
    if (given === null || given === undefined || given === "")
      report({ path: [...path, name], message: requiredValue() });
  }
}

function reportUnknown(key: string, schema: ObjectSchema, path: readonly Segment[], report: Report): void {
  const similar = nearest(key, Object.keys(schema.fields));
  const remedy = similar === undefined ? {} : { remedy: `did you mean "${similar}"?` };
  report({ path: [...path], message: "unknown field", aboutKey: true, stopsDecoding: true, ...remedy });
}

function checkList(value: unknown, schema: ListSchema, path: Segment[], report: Report): void {
  if (!Array.isArray(value)) {
    report({ path: [...path], message: typeFault(value, "array"), stopsDecoding: true });
    return;
  }
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    if (value[index] === null) {
      report({ path: [...path], message: typeFault(null, expectedType(schema.items)), stopsDecoding: true });
    } else checkValue(value[index], schema.items, path, report);
    path.pop();
  }
}

function checkMap(value: Record<string, unknown>, schema: MapSchema, path: Segment[], report: Report): void {
  for (const key in value) {
    path.push(key);
    checkValue(value[key], schema.values, path, report);
    path.pop();
  }
}

function checkChoice(value: unknown, choices: readonly string[], path: readonly Segment[], report: Report): void {
  if (typeof value !== "string") {
    report({ path: [...path], message: typeFault(value, "string"), stopsDecoding: true });
    return;
  }
  if (value === "" || choices.includes(value)) return;
  const similar = nearest(value, choices);
  const remedy = similar === undefined ? {} : { remedy: `did you mean "${similar}"?` };
  report({
    path: [...path],
    message: unsupportedValue(value, choices),
    ...remedy,
  });
}

function expectedType(schema: Schema): string {
  if (typeof schema !== "string") return schema.kind === "list" ? "array" : schema.kind === "choice" ? "string" : "map";
  return schema === "boolean" ? "boolean" : schema === "integer" || schema.startsWith("port") ? "integer" : "string";
}

/** `version: 1` and `answer: no` are a number and a boolean in YAML: the most common mistake in labels. */
function quoteRemedy(value: unknown, schema: Schema): { remedy?: string } {
  const unquoted = typeof value === "number" || typeof value === "boolean";
  return unquoted && expectedType(schema) === "string" ? { remedy: "put it in quotes" } : {};
}
