import { describe, expect, test } from "vitest";
import { type Figure, figureText, summariseFigure } from "../../bench/figures.ts";
import { summarise } from "../../bench/statistics.ts";

const FIGURE: Figure = { name: "a job", unit: "ns", values: [22, 20, 24], references: { C: [10, 11, 9], D: [] } };

describe("a summary", () => {
  test("names the middle, the ends, and the range of the middle half", () => {
    expect(summarise([30, 10, 20, 50, 40])).toEqual({ median: 30, least: 10, most: 50, spread: (20 / 30) * 100 });
  });

  test("of rounds that are all the same has no spread", () => {
    expect(summarise([7, 7, 7])).toEqual({ median: 7, least: 7, most: 7, spread: 0 });
  });
});

describe("a figure", () => {
  test("is measured by the references that ran", () => {
    expect(summariseFigure(FIGURE)).toMatchObject({ median: 22, unit: "ns", ratios: { C: 2.2 } });
  });

  test("is printed with them", () => {
    const [first, ...references] = figureText(FIGURE).split("\n");
    expect(first).toMatch(/^a job +22\.0 ns ± 9 % \(20\.0 … 24\.0\)$/);
    expect(references).toEqual(["  C: 10.0; ratio 2.20", "  D: not here"]);
  });
});
