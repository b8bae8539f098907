import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { append, changesText, lastLike, type Sitting } from "../../bench/history.ts";

const FIGURE = { median: 20, least: 19, most: 30, spread: 5, unit: "ns", ratios: { C: 2 } } as const;
const SITTING: Sitting = { date: "d1", commit: "c1", machine: "m", node: "v20", figures: { job: FIGURE } };
const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));

afterAll(() => rmSync(folder, { recursive: true }));

test("the last sitting of the same machine is found again", () => {
  const file = join(folder, "deep/history.jsonl");
  expect(lastLike(file, SITTING)).toBeUndefined();
  append(file, SITTING);
  append(file, { ...SITTING, date: "d2", machine: "another" });
  expect(lastLike(file, { ...SITTING, date: "d3" })).toEqual(SITTING);
  expect(lastLike(file, { ...SITTING, node: "v22" })).toBeUndefined();
  expect(lastLike(file, { ...SITTING, figures: { another: FIGURE } })).toBeUndefined();
});

test("a change is measured by the reference: a slower hour is none", () => {
  const slower = { ...SITTING, figures: { job: { ...FIGURE, median: 40 } } };
  expect(changesText(SITTING, slower)).toMatch(/^against c1, d1:\njob +1\.00 ×, measured by C$/);
  const worse = { ...SITTING, figures: { job: { ...FIGURE, ratios: { C: 3 } }, another: FIGURE } };
  expect(changesText(SITTING, worse)).toMatch(/^against c1, d1:\njob +1\.50 ×, measured by C$/);
});
