/** A trace has words for every instruction of the layout, and for every key that instructions load. */

import { describe, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import { LOADS } from "../../src/trace/operands.ts";
import { isTold } from "../../src/trace/steps.ts";

const VIEWED = { family: 4, protocol: 6 } as const;
const NOTHING = { operation: 0, register: 0, length: 4, options: 0, x: 0, y: 0, fail: 0 };

/** What the layout numbers under names that begin so. */
function numbered(prefix: string): readonly (readonly [name: string, number: number])[] {
  return Object.entries({ ...Layout, ...Keys }).filter(([name]) => name.startsWith(prefix));
}

function nameOf(operation: number, x: number, length = 4): string {
  return LOADS[operation]?.({ ...NOTHING, operation, x, length }, VIEWED).name ?? "";
}

describe("a trace has words for", () => {
  it.each(numbered("OP_"))("%s", (_, operation) => {
    expect(isTold(operation)).toBe(true);
  });

  it("no operation that the layout does not have", () => {
    const known = new Set(numbered("OP_").map(([, operation]) => operation));
    const told = Array.from({ length: 256 }, (_, operation) => operation).filter(isTold);
    expect(told.filter((operation) => !known.has(operation))).toEqual([]);
  });

  it.each([
    ...numbered("META_").map(([name, x]) => [name, nameOf(Layout.OP_LOAD_META, x)] as const),
    ...numbered("CT_KEY_").map(([name, x]) => [name, nameOf(Layout.OP_LOAD_CT, x)] as const),
    ...numbered("CT_TUPLE_").map(([name, x]) => [name, nameOf(Layout.OP_LOAD_CT_TUPLE, x, tupleBytes(name))] as const),
    ...numbered("CT_COUNT_").map(([name, x]) => [name, nameOf(Layout.OP_LOAD_CT_COUNT, x)] as const),
    ...numbered("ROUTE_KEY_").map(([name, x]) => [name, nameOf(Layout.OP_LOAD_ROUTE, x)] as const),
  ])("%s: %s", (_, name) => {
    expect(name).toMatch(/^[a-z][a-z0-9 -]*[a-z]$/);
    expect(name).not.toMatch(/ (tuple|count)$/);
  });
});

function tupleBytes(name: string): number {
  return name.endsWith("_PORT") ? 2 : 4;
}
