/** Tables and numbers as people read them. */

import { describe, expect, test } from "vitest";
import { bytes, count, table } from "../../src/report/table.ts";

test("columns are padded, numbers stand to the right, lines have no trailing blanks", () => {
  const rows = [
    ["web", "1,200", ""],
    ["db", "7", "x"],
  ];
  expect(table(["NAME", "PACKETS", "NOTE"], rows)).toBe(
    ["NAME   PACKETS   NOTE", "web      1,200", "db           7   x", ""].join("\n"),
  );
});

describe("numbers", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1234567, "1,234,567"],
  ])("%d is written %s", (value, text) => expect(count(value)).toBe(text));

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KB"],
    [1_250_000, "1.3 MB"],
  ])("%d bytes are %s", (value, text) => expect(bytes(value)).toBe(text));
});
