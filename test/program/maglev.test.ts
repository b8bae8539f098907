/** The properties that Maglev's table is made for (NSDI 2016, 3.4 and 5.3). */

import { describe, expect, it } from "vitest";
import { maglevSize, maglevTable } from "../../src/program/maglev.ts";

/** Address and port of an IPv4 endpoint. */
const STRIDE = 2;
const PORT = 0x901f;

describe.each([1, 2, 3, 10, 100, 500])("a table of %i endpoints", (count) => {
  const all = endpoints(count);
  const table = maglevTable(all, STRIDE);

  it("has a hundred entries for each of them at least, and a prime number of them", () => {
    expect(table.length).toBe(maglevSize(count));
    expect(table.length).toBeGreaterThanOrEqual(count * 100);
    expect(isPrime(table.length)).toBe(true);
  });

  it("gives each the same share, but for one entry", () => {
    const shares = sharesOf(table, count);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  });

  it("is the same wherever it is made", () => {
    expect(maglevTable(endpoints(count), STRIDE)).toEqual(table);
  });
});

describe.each([2, 3, 9, 10, 80])("when one of %i endpoints leaves", (count) => {
  const size = maglevSize(count);
  const before = maglevTable(endpoints(count), STRIDE);

  it("few of the entries that others had go to somebody else", () => {
    expect(maglevSize(count - 1)).toBe(size);
    for (const gone of new Set([0, count >> 1, count - 1])) {
      const after = maglevTable(without(endpoints(count), gone), STRIDE);
      const kept = [...before].filter((endpoint) => endpoint !== gone).length;
      const moved = [...before].filter((endpoint, entry) => {
        return endpoint !== gone && endpoint !== numberBefore(after[entry]!, gone);
      }).length;
      expect(moved / kept).toBeLessThan(DISRUPTION_MAX);
    }
  });
});

/** The order of the endpoints is told by their addresses: for others the table is another one. */
it("other endpoints have another table", () => {
  expect(maglevTable(endpoints(3), STRIDE)).not.toEqual(maglevTable(without(endpoints(4), 0), STRIDE));
});

const DISRUPTION_MAX = 0.05;

function endpoints(count: number): Uint32Array {
  return Uint32Array.from({ length: count * STRIDE }, (_, i) =>
    i % STRIDE === 0 ? 0x0000f40a + ((i >> 1) << 24) + ((i >> 9) << 16) : PORT,
  );
}

function without(all: Uint32Array, index: number): Uint32Array {
  return Uint32Array.from([...all.subarray(0, index * STRIDE), ...all.subarray((index + 1) * STRIDE)]);
}

function numberBefore(endpoint: number, gone: number): number {
  return endpoint < gone ? endpoint : endpoint + 1;
}

function sharesOf(table: Uint16Array, count: number): number[] {
  const shares = Array<number>(count).fill(0);
  for (const endpoint of table) shares[endpoint]!++;
  return shares;
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
