/** Adding reports: any order, any grouping, nothing lost. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeReports } from "../../src/report/merge.ts";
import { REPORT_SCHEMA, type Report } from "../../src/report/types.ts";

const count = fc.nat(1_000_000);
const counts = { connections: count, packets: count, bytes: count };
const names = fc.constantFrom("a", "b", "c");

const service = fc.record({
  namespace: fc.constantFrom("default", "kube-system"),
  name: names,
  port: fc.constantFrom(80, 443),
  protocol: fc.constantFrom("TCP", "UDP"),
  ...counts,
  endpoints: fc.uniqueArray(
    fc.record({
      address: fc.constantFrom("10.0.0.1", "10.0.0.2"),
      port: fc.constant(8080),
      node: fc.constant("n"),
      ...counts,
    }),
    { selector: (endpoint) => endpoint.address },
  ),
});

const key = (each: { namespace: string; name: string; port: number; protocol: string }) =>
  `${each.namespace}/${each.name} ${each.port}/${each.protocol}`;

const report: fc.Arbitrary<Report> = fc.record({
  schema: fc.constant(REPORT_SCHEMA),
  engine: fc.constant("sluice"),
  capture: fc.record({ files: fc.uniqueArray(names), packets: count, bytes: count, seconds: count }),
  verdicts: fc.dictionary(fc.constantFrom("forward", "drop"), count),
  drops: fc.dictionary(fc.constantFrom("ttl", "no-route"), count),
  services: fc.uniqueArray(service, { selector: key }),
  connections: fc.record({
    created: count,
    open: count,
    expired: count,
    evicted: count,
    closed: count,
    invalid: count,
  }),
  throughput: fc.record({ packetsPerSecond: count, nanosecondsPerPacket: count, bytesPerSecond: count }),
  warnings: fc.uniqueArray(names),
});

/** fast-check's dictionaries have no prototype; merged ones do. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("merging reports", () => {
  test("does not depend on the order", () => {
    fc.assert(
      fc.property(report, report, (a, b) => {
        expect(plain(mergeReports(a, b))).toEqual(plain(mergeReports(b, a)));
      }),
    );
  });

  test("does not depend on the grouping", () => {
    fc.assert(
      fc.property(report, report, report, (a, b, c) => {
        expect(plain(mergeReports(mergeReports(a, b), c))).toEqual(plain(mergeReports(a, mergeReports(b, c))));
      }),
    );
  });

  test("adds every count of every service and endpoint", () => {
    fc.assert(
      fc.property(report, report, (a, b) => {
        const merged = mergeReports(a, b);
        const total = (of: Report) => of.services.reduce((sum, each) => sum + each.packets, 0);
        const endpoints = (of: Report) =>
          of.services.flatMap((each) => each.endpoints).reduce((sum, each) => sum + each.bytes, 0);
        expect(total(merged)).toBe(total(a) + total(b));
        expect(endpoints(merged)).toBe(endpoints(a) + endpoints(b));
        expect(merged.capture.packets).toBe(a.capture.packets + b.capture.packets);
        expect(new Set(merged.services.map(key)).size).toBe(merged.services.length);
      }),
    );
  });
});
